"""`manage.py createsuperuser`, as scripts call it."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.factories import UserFactory
from users.models import User

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> None:
    call_command("createsuperuser", "--noinput", *arguments, verbosity=0)


def test_takes_an_email_address() -> None:
    create("--username", "root", "--email", "Root@Example.org")

    user = User.objects.get(username="root")
    assert user.email == "root@example.org"
    assert user.email_verified


def test_takes_everything_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "root")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "root@example.org")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "ten green bottles")

    create()

    user = User.objects.get(username="root", email="root@example.org", is_superuser=True)
    assert user.check_password("ten green bottles")


def test_needs_no_email_address() -> None:
    create("--username", "root")

    assert User.objects.get(username="root").email is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--username", "ROOT"], "already taken"),
        (["--username", "other", "--email", "ROOT@example.org"], "exists already"),
        (["--username", "other", "--email", "no"], "valid email address"),
        (["--username", "!"], "A username has"),
        ([], "--username"),
    ],
)
def test_says_what_is_wrong(arguments: list[str], sentence: str) -> None:
    UserFactory.create(username="root", email="root@example.org")

    with pytest.raises(CommandError, match=sentence):
        create(*arguments)

    assert User.objects.count() == 1
