"""Deleting an account leaves nothing that names it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from games.models import Game
from games.models.recommendations import RecommendedGames
from organizations.models import Invitation
from repos.models import AlertCause, AlertPreference, TrackedRepository
from tests.conftest import ApiAs
from tests.factories import (
    PASSWORD,
    GameFactory,
    OrganizationFactory,
    RepositoryFactory,
    StaffFactory,
    UserFactory,
)
from tests.users.avatars import sample_pictures as samples
from users.avatars.services import paths_in_storage
from users.models import SignUpResult, User

pytestmark = pytest.mark.django_db(transaction=True)

MARK = "zaphod"
"""In every name of the account; nothing else in the database has it."""


@pytest.fixture
def user() -> User:
    return UserFactory.create(
        username=f"{MARK}.b",
        email=f"{MARK}@example.org",
        first_name=MARK.title(),
        last_name=f"{MARK} the second",
        data={"nickname": MARK},
        is_staff=True,
        is_superuser=True,
    )


@pytest.mark.parametrize("path", ["/users/{id}", "/user/{username}"])
def test_of_many_deletions_at_one_instant_exactly_one_succeeds(
    api_as: ApiAs, user: User, path: str
) -> None:
    staff = StaffFactory.create()
    clients = [api_as(staff) for _ in range(6)]
    start = Barrier(len(clients))

    def delete(client: APIClient) -> int:
        try:
            start.wait()
            return client.delete(path.format(id=user.pk, username=user.username)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        assert sorted(pool.map(delete, clients)) == [204] + [404] * 5


def leave_traces(user: User, api: APIClient, api_as: ApiAs) -> Game:
    """One row at least in every table that knows users, by the product's own calls where there are
    any. Returns the game that was played."""
    client = api_as(user)
    game = GameFactory.create()

    def called(method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = getattr(client, method)(path, body, **more)
        assert answer.status_code < 300, (path, answer.content)
        return answer

    called("post", "/auth/token", {"username": user.username, "password": PASSWORD})
    called("post", "/auth/password/reset", {"email": user.email})
    called("post", "/auth/totp")
    photo = SimpleUploadedFile("me.jpg", samples.phone_photo())
    called("put", "/users/me/avatar", {"avatar": photo}, format="multipart")
    organization = called("post", "/organizations", {"name": "Heart of Gold"}).json()["id"]
    called("post", f"/organizations/{organization}/invitations", {"email": "trillian@example.org"})
    Invitation.objects.create(
        organization=OrganizationFactory.create(),
        email=user.email,
        created_at=timezone.now(),
        expires_at=timezone.now(),
    )
    called("post", "/playsessions", {"game": game.pk}, HTTP_IDEMPOTENCY_KEY=f"{MARK}-1")
    called("post", "/api/users/token", {})
    called("post", "/api/users/share", {})
    called("post", "/api/users/github", {"token": "ghp_" + "x" * 36})
    RecommendedGames.objects.create(user=user, suggestions=[], played_count=1)
    RepositoryFactory.create(user=user)
    user.followed_owners.create(login=MARK, key=MARK, created_at=timezone.now())
    AlertPreference.objects.create(user=user, email=True)
    SignUpResult.objects.create(user=user, key_hash="0" * 64, expires_at=timezone.now())
    user.sent_alerts.create(cause=AlertCause.DAYS_LOST, sent_at=timezone.now())
    user.known_ips.get_or_create(ip_hash="0" * 64, defaults={"last_used_at": timezone.now()})
    LogEntry.objects.create(
        user=user, object_id="1", object_repr="something", action_flag=CHANGE, change_message=""
    )
    LogEntry.objects.create(
        user=StaffFactory.create(),
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=str(user),
        action_flag=CHANGE,
        change_message=f"Changed {MARK}",
    )
    browser = Client()
    assert browser.login(username=user.username, password=PASSWORD)
    user.groups.create(name="crew")
    user.user_permissions.add(Permission.objects.earliest("pk"))
    return game


def columns_that_name_users() -> list[tuple[str, str]]:
    """Table and column of every foreign key to the table of users, asked of the database."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            constraints = connection.introspection.get_constraints(cursor, table)
            found += [
                (table, constraint["columns"][0])
                for constraint in constraints.values()
                if (constraint.get("foreign_key") or ("",))[0] == User._meta.db_table
            ]
    return found


def rows_naming(user_id: int, table: str, column: str) -> int:
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM {quoted(table)} WHERE {quoted(column)} = %s", [user_id]
        )
        return int(cursor.fetchone()[0])


def tables_with(text: str) -> list[str]:
    """Tables of whose rows any column, as text, contains `text`, whatever the case."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if text in repr(cursor.fetchall()).lower():
                found.append(table)
    return found


def test_leaves_nothing_that_names_the_account(user: User, api: APIClient, api_as: ApiAs) -> None:
    game = leave_traces(user, api, api_as)
    columns = columns_that_name_users()
    # The test is worth something only while it leaves a trace in every table.
    assert len(columns) >= len(User._meta.related_objects)
    assert [place for place in columns if not rows_naming(user.pk, *place)] == []
    assert User._meta.db_table in tables_with(MARK)
    user_id, files = user.pk, list(paths_in_storage())
    assert len(files) == 1
    login = {"username": user.username, "password": PASSWORD}

    assert api_as(StaffFactory.create()).delete(f"/users/{user_id}").status_code == 204

    assert [place for place in columns if rows_naming(user_id, *place)] == []
    assert tables_with(MARK) == []
    assert list(paths_in_storage()) == []
    assert not TrackedRepository.objects.exists()
    sessions = apps.get_model("sessions", "Session").objects.all()
    assert all(session.get_decoded().get("_auth_user_id") != str(user_id) for session in sessions)
    assert api.post("/auth", login).status_code == 401
    game.refresh_from_db()
    assert game.play_count == 1


def test_keeps_what_belongs_to_others(api_as: ApiAs) -> None:
    user, other = UserFactory.create_batch(2)
    society = OrganizationFactory.create(creator=user)
    society.members.set([user, other])
    RepositoryFactory.create(user=other, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = api_as(other)

    api_as(user).delete("/users/me")

    assert client.get("/users/me").json()["organizations"][0]["id"] == society.pk
    assert len(client.get("/api/repos").json()) == 1
