"""What a call finds is deleted by somebody else before the call comes back to it: the response is
the one of a call that came a moment later, nothing is stored again, nothing fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_in
from django.core import mail
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from core.admin.base import LockingMixin
from games import views as games_views
from games.models import Genre
from games.services import update_game
from organizations import views as organizations_views
from organizations.services import remove_organization
from repos import selectors as repos_selectors
from repos.fetching.owners import OwnerSummary, _store_failure
from repos.models import FollowedOwner, GitHubCredential
from repos.services import alerts
from repos.services.repositories import unfollow_repository
from tests.concurrency import run_after
from tests.conftest import ApiAs
from tests.factories import (
    GameFactory,
    GenreFactory,
    OrganizationFactory,
    StaffFactory,
    UserFactory,
)
from tests.test_access import TABLE, WHO, Row, World, filled, make_world
from users.avatars.services import replace_avatar
from users.codes import services as codes
from users.locking import AccountDeleted
from users.models import User
from users.profiles import services as profiles
from users.profiles.services import delete_user
from users.sessions.authentication import BearerAuthentication
from users.sessions.credentials import InvalidCredentials
from users.sessions.services import Device, open_session
from users.tasks import send_verification_code

# Foreign keys are checked when a transaction ends, so each has to end.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tasks_wait"),
]

# Called by somebody who was just deleted, they may succeed: they leave nothing behind.
HARMLESS = {
    "DELETE auth/sessions",
    "POST auth/email/verify",
    "POST auth/email/change",
    "POST api/users/unshare",
    "POST api/users/github",
}
# Whoever was staff when the call began may finish it; the catalogue names nobody.
HARMLESS |= {call for call in TABLE if "games" in call or "genres" in call}
SIGNED_IN = [
    call
    for call, row in TABLE.items()
    # Two take a token in the body and know no other caller.
    if row.statuses[0] == 401 and row.statuses != (401, 401, 401, 401)
]
OWNER, STAFF = WHO.index("owner"), WHO.index("staff")


@pytest.fixture
def world() -> World:
    return make_world()


def called(client: Any, call: str, world: World) -> int:
    row: Row = TABLE[call]
    method, _, route = call.partition(" ")
    path = "/" + filled(route, row.parts(world))
    form = {"format": "multipart"} if row.form else {}
    status: int = getattr(client, method.lower())(path, row.body(world), **form).status_code
    return status


@pytest.mark.parametrize("call", SIGNED_IN)
def test_ones_account_is_deleted_during_ones_call(
    call: str, world: World, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = OWNER if TABLE[call].statuses[OWNER] != 403 else STAFF
    caller = world.owner if at == OWNER else StaffFactory.create()
    client = api_as(caller)
    world.session = caller.sessions.get().pk

    run_after(
        monkeypatch,
        BearerAuthentication,
        "authenticate",
        lambda: delete_user(user=User.objects.get(pk=caller.pk)),
    )
    status = called(client, call, world)

    is_harmless = call.startswith("GET") or call in HARMLESS
    assert status in ({401, TABLE[call].statuses[at]} if is_harmless else {401})
    assert not User.objects.filter(pk=caller.pk).exists()


def after_the_look(
    monkeypatch: pytest.MonkeyPatch, call: str, happening: Callable[[], object]
) -> None:
    """`happening`, once the view has found what the path names."""
    if "organizations" in call:
        run_after(monkeypatch, organizations_views, "get_object_or_404", happening)
    elif "repository_id" in call:
        run_after(monkeypatch, repos_selectors, "repository_of", happening)
    else:
        run_after(monkeypatch, games_views, "get_object_or_404", happening)


NAMED = ("organizations/<", "api/repos/<", "PATCH games/<", "DELETE games/<", "genres/<")


@pytest.mark.parametrize("call", [call for call in TABLE if any(part in call for part in NAMED)])
def test_what_a_path_names_is_deleted_during_the_call(
    call: str, world: World, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = TABLE[call]
    at = OWNER if row.statuses[OWNER] < 300 else STAFF
    client = api_as(world.owner if at == OWNER else StaffFactory.create())
    found: list[Model] = []

    def delete() -> None:
        if "organizations" in call:
            found.append(world.organization)
            remove_organization(world.organization)
        elif "repository_id" in call:
            found.append(world.repository)
            unfollow_repository(repository=world.repository)
        elif "DELETE" not in call:
            found.append(world.game if "games" in call else world.game.genre)
            world.game.delete()
            if "genres" in call:
                world.game.genre.delete()
        else:
            world.unused_game.delete()
            Genre.objects.filter(games=None).delete()

    after_the_look(monkeypatch, call, delete)
    status = called(client, call, world)

    # E6 wants 400 for deleting a repository that is not there.
    gone = 400 if call == "POST api/repos/<str:repository_id>/delete" else 404
    is_harmless = "GET" in call or "unbadge" in call
    assert status in ({gone, row.statuses[at]} if is_harmless else {gone})
    assert not any(type(one)._base_manager.filter(pk=one.pk).exists() for one in found)


def test_a_log_in_does_not_outlive_another_password() -> None:
    """Whoever knew the old one, and logs in at the instant at which it is replaced."""
    user = UserFactory.create()
    device = Device(ip_address="127.0.0.1", user_agent="test")
    changed = User.objects.get(pk=user.pk)
    changed.set_password("another long password")
    changed.save()

    with pytest.raises(InvalidCredentials):
        open_session(user=user, device=device, now=timezone.now())
    delete_user(user=user)
    with pytest.raises(InvalidCredentials):
        open_session(user=changed, device=device, now=timezone.now())


def test_an_edit_that_names_a_deleted_genre_is_told_so() -> None:
    game, genre = GameFactory.create(), GenreFactory.create()
    genre.delete()
    genre.pk = 10**6

    with pytest.raises(ValidationError, match="not a valid choice"):
        update_game(game, genre=genre)


def test_a_profile_that_names_an_organization_deleted_meanwhile(
    world: World, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = OrganizationFactory.create()
    run_after(monkeypatch, profiles, "organizations_to_join", other.delete)

    answer = api_as(world.owner).patch("/users/me", {"organizations": [other.pk]})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "does_not_exist"
    assert answer.json()["errors"][0]["attr"] == "organizations"


def test_a_code_for_an_account_that_is_deleted_meanwhile_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = UserFactory.create()
    run_after(monkeypatch, codes, "make_password", lambda: delete_user(user=user))

    send_verification_code.call_local(user.pk, user.email)

    assert mail.outbox == []


def test_a_run_goes_on_when_an_owner_is_not_followed_any_more() -> None:
    owner = FollowedOwner.objects.create(
        user=UserFactory.create(), login="octo", key="octo", created_at=timezone.now()
    )
    FollowedOwner.objects.all().delete()
    summary = OwnerSummary()

    _store_failure(owner, "There is no token.", summary, now=timezone.now())

    assert summary.failures == []
    assert not FollowedOwner.objects.exists()


def test_a_run_goes_on_when_an_account_is_deleted_before_it_is_warned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = timezone.now()
    gone, stays = (UserFactory.create(email_verified=True) for _ in range(2))
    for user in (gone, stays):
        GitHubCredential.objects.create(
            user=user, encrypted="x", expires_at=now + timedelta(days=1)
        )
    run_after(monkeypatch, alerts, "_losing_days", lambda: delete_user(user=gone))

    alerts.queue_due_alerts(now=now)

    assert stays.sent_alerts.count() == 1


def test_the_admin_does_not_store_again_what_was_deleted(
    monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    browser = Client()
    browser.force_login(StaffFactory.create(is_superuser=True))
    game = world.unused_game
    # Stands for another process, which on PostgreSQL may come between the look and the lock.
    original = LockingMixin.lock
    monkeypatch.setattr(
        LockingMixin, "lock", lambda self, found: (game.delete(), original(self, found))
    )

    form = {"name": "Back again", "genre": world.game.genre_id, "released": ""}
    answer = browser.post(f"/admin/games/game/{game.pk}/change/", form)

    assert answer.status_code == 302
    assert not type(game)._base_manager.filter(name="Back again").exists()


def test_a_log_in_to_the_admin_survives_that_its_account_is_deleted() -> None:
    user = UserFactory.create()
    User.objects.filter(pk=user.pk).delete()

    user_logged_in.send(sender=User, request=None, user=user)

    assert not User.objects.exists()


def test_a_deleted_account_has_no_password_to_compare() -> None:
    user = UserFactory.create()
    assert user.stored_password_hash() == user.password
    User.objects.all().delete()

    assert user.stored_password_hash() == ""
    with pytest.raises(AccountDeleted):
        replace_avatar(user=user, picture=None)
