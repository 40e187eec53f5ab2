"""Usernames and email addresses as phones, browsers and spreadsheets send them, everywhere."""

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import PASSWORD, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

AROUND = [" ", "\u3000", "\u200b", "\u202c", "\ufeff", "\u00ad"]
around = pytest.mark.parametrize("around", AROUND, ids=ascii)

SIGN_UPS: dict[str, dict[str, Any]] = {
    "/users": {"username": "ada", "password": PASSWORD, "birthdate": "1990-05-17"},
    "/auth/signup": {"password": PASSWORD},
    "/user": {"username": "ada", "password": PASSWORD},
    "/api/users/create": {},
}
sign_ups = pytest.mark.parametrize("path", SIGN_UPS)


def sign_up(api: APIClient, path: str, **fields: Any) -> Any:
    return api.post(path, {**SIGN_UPS[path], "email": "ada@example.org", **fields})


@sign_ups
@around
def test_spaces_around_an_email_address_are_not_stored(
    api: APIClient, path: str, around: str
) -> None:
    assert sign_up(api, path, email=f"{around}Ada@example.org{around}").status_code // 100 == 2
    assert User.objects.get().email == "ada@example.org"

    again = sign_up(api, path, username="bob", email=f"ada@example.org{around}")
    assert again.status_code == 400
    assert [error["attr"] for error in again.json()["errors"]] == ["email"]


@pytest.mark.parametrize("path", ["/users", "/auth/signup", "/user"])
@around
def test_spaces_around_a_username_are_not_stored(api: APIClient, path: str, around: str) -> None:
    assert sign_up(api, path, username=f"{around}ada{around}").status_code == 201

    assert User.objects.get().username == "ada"


@sign_ups
def test_an_invisible_character_within_an_address_is_named(api: APIClient, path: str) -> None:
    answer = sign_up(api, path, email="ada@exa\u200bmple.org")

    assert answer.status_code == 400
    assert "U+200B (zero width space)" in answer.json()["error"]


@sign_ups
@pytest.mark.parametrize("first", ["münchen", "mu\u0308nchen", "xn--mnchen-3ya", "MÜNCHEN"])
def test_one_mailbox_has_one_account(api: APIClient, path: str, first: str) -> None:
    assert sign_up(api, path, email=f"ada@{first}.example").status_code // 100 == 2
    assert User.objects.get().email == "ada@xn--mnchen-3ya.example"

    for second in ("münchen", "mu\u0308nchen", "xn--mnchen-3ya", "MÜNCHEN"):
        answer = sign_up(api, path, username="bob", email=f"ada@{second}.example")
        assert answer.status_code == 400
        assert "exists already" in answer.json()["error"]


@sign_ups
def test_a_name_outside_ascii_before_the_at_is_rejected_with_the_reason(
    api: APIClient, path: str
) -> None:
    answer = sign_up(api, path, email="\u00e4da@example.org")

    assert answer.status_code == 400
    assert "before the @" in answer.json()["error"]


@pytest.mark.parametrize("path", ["/auth", "/auth/token"])
@around
def test_log_in_ignores_spaces_around_the_name(api: APIClient, path: str, around: str) -> None:
    UserFactory.create(username="ada", email="ada@example.org")

    for name in (
        {"username": "ada"},
        {"username": "ada@example.org"},
        {"email": "ADA@example.org"},
    ):
        body = {key: f"{around}{value}{around}" for key, value in name.items()}
        assert api.post(path, {**body, "password": PASSWORD}).status_code == 200, body


def test_log_in_compares_the_password_exactly(api: APIClient) -> None:
    UserFactory.create(username="ada")

    assert api.post("/auth", {"username": "ada", "password": f"{PASSWORD} "}).status_code == 401


@pytest.mark.parametrize("typed", ["ada@münchen.example", "ada@xn--mnchen-3ya.example"])
def test_log_in_and_reset_find_either_form_of_a_domain(
    api: APIClient, typed: str, django_capture_on_commit_callbacks: Any
) -> None:
    UserFactory.create(email="ada@münchen.example")

    assert api.post("/auth", {"email": typed, "password": PASSWORD}).status_code == 200
    assert api.post("/auth", {"username": typed, "password": PASSWORD}).status_code == 200
    assert api.post("/auth/password/reset", {"email": typed}).status_code == 202
    assert [message.to for message in mail.outbox] == [["ada@xn--mnchen-3ya.example"]]


def test_a_code_is_not_mailed_to_another_domain(api: APIClient) -> None:
    """IDNA 2003, which Python's own codec does, makes "strasse" of "straße"."""
    UserFactory.create(email="ada@straße.example")

    api.post("/auth/password/reset", {"email": "ada@straße.example"})

    assert [message.to for message in mail.outbox] == [["ada@xn--strae-oqa.example"]]


@around
def test_a_reset_ignores_spaces_around_the_address(api: APIClient, around: str) -> None:
    UserFactory.create(email="ada@example.org")

    answer = api.post("/auth/password/reset", {"email": f"{around}ada@example.org{around}"})

    assert answer.status_code == 202
    assert len(mail.outbox) == 1


@around
def test_edits_ignore_spaces_around_names(api_as: ApiAs, around: str) -> None:
    user = UserFactory.create(username="ada")
    client = api_as(user)

    patched = client.patch("/users/me", {"username": f"{around}ada2", "email": f"a@e.org{around}"})
    put = client.put(
        f"/user/{around}ada2", {"username": f"ada2{around}", "email": f"b@e.org{around}"}
    )

    assert (patched.json()["username"], patched.json()["email"]) == ("ada2", "a@e.org")
    assert (put.json()["username"], put.json()["email"]) == ("ada2", "b@e.org")
    assert client.get(f"/user/ada2{around}").status_code == 200


def test_an_api_token_may_have_spaces_around_it(api: APIClient) -> None:
    token = sign_up(api, "/api/users/create").json()["token"]

    assert api.get("/api/repos", HTTP_X_API_TOKEN=f" {token}\u00a0").status_code == 200


@around
def test_the_admin_ignores_spaces_around_names(
    admin_client: Client, client: Client, around: str
) -> None:
    form = {
        "username": f"{around}ada{around}",
        "email": f"{around}Ada@münchen.example{around}",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }

    answer = admin_client.post("/admin/users/user/add/", form)

    assert answer.status_code == 302, answer.content
    user = User.objects.get(username="ada")
    assert user.email == "ada@xn--mnchen-3ya.example"
    User.objects.filter(pk=user.pk).update(is_staff=True)
    log_in = {"username": f"{around}ada{around}", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", log_in).status_code == 302


def test_the_admin_names_an_invisible_character(admin_client: Client) -> None:
    user = StaffFactory.create(username="ada")

    answer = admin_client.post(f"/admin/users/user/{user.pk}/change/", {"username": "a\u200bda"})

    assert "U+200B (zero width space)" in answer.content.decode()


def test_the_command_line_ignores_spaces_around_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", "--noinput", username="root\u3000")

    user = User.objects.get(username="\u200broot ")
    assert user.username == "root"


@pytest.mark.parametrize("search", ["münchen", "xn--mnchen-3ya", "ada@münchen.example"])
def test_staff_find_an_account_by_either_form_of_its_domain(api_as: ApiAs, search: str) -> None:
    user = UserFactory.create(email="ada@xn--mnchen-3ya.example")

    found = api_as(StaffFactory.create()).get("/users", {"search": search}).json()

    assert [each["id"] for each in found] == [user.pk]


class TestMigration:
    """Rows that were stored before the rules were what they are."""

    migration = importlib.import_module("users.migrations.0007_canonical_names")

    def stored(self, user: User) -> tuple[str, str]:
        """By SQL: the columns show values in their new form."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT username, email FROM users_user WHERE id = %s", [user.pk])
            username, email = cursor.fetchone()
        return username, email

    def store(self, user: User, username: str, email: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE users_user SET username = %s, email = %s WHERE id = %s",
                [username, email, user.pk],
            )

    def migrate(self) -> None:
        self.migration.clean(apps, type("Editor", (), {"connection": connection}))

    def test_migration_cleans_names_and_what_they_are_searched_by(self) -> None:
        user, other = UserFactory.create_batch(2)
        self.store(user, "ada\u3000", "ada@münchen.example")

        self.migrate()

        assert self.stored(user) == ("ada", "ada@xn--mnchen-3ya.example")
        assert self.stored(other) == (other.username, other.email)
        user.refresh_from_db()
        assert "xnmnchen3ya" in user.search_text
        assert "adamunchenexample" in user.search_text.replace("@", "")

    def test_migration_reports_two_accounts_of_one_mailbox_and_merges_nothing(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        first, second = UserFactory.create_batch(2)
        self.store(first, "ada", "ada@münchen.example")
        self.store(second, "bob", "ada@mu\u0308nchen.example")

        self.migrate()

        assert self.stored(first) == ("ada", "ada@xn--mnchen-3ya.example")
        assert self.stored(second) == ("bob", "ada@mu\u0308nchen.example")
        assert f"accounts {first.pk} and {second.pk} have the same email" in caplog.text
        assert "nchen" not in caplog.text

    def test_migration_reports_an_address_that_cannot_be(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        user = UserFactory.create()
        self.store(user, "ada", "ada@i❤.example")

        self.migrate()

        assert self.stored(user) == ("ada", "ada@i❤.example")
        assert f"account {user.pk}" in caplog.text
