"""Everything that is stored about oneself, as a file."""

import csv
import io
import json
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.utils import timezone
from rest_framework.test import APIClient

from core.env import Rate
from core.personal_data import declared_models, registry
from playsessions.models import PlaySession
from repos.models import TrafficDay
from tests.conftest import ApiAs
from tests.factories import (
    PASSWORD,
    GameFactory,
    OrganizationFactory,
    PlaySessionFactory,
    RepositoryFactory,
    UserFactory,
)
from tests.users.avatars import sample_pictures as samples
from users.models import User
from users.second_factor.services import enrol

pytestmark = pytest.mark.django_db


def export(client: APIClient) -> dict[str, bytes]:
    response: Any = client.get("/users/me/export")
    assert response.status_code == 200, response.content
    assert "Content-Length" not in response
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_needs_a_token(api: APIClient) -> None:
    assert api.get("/users/me/export").status_code == 401


def test_is_a_zip_that_nobody_caches(api_as: ApiAs) -> None:
    response = api_as(UserFactory.create()).get(
        "/users/me/export", headers={"Accept": "application/zip"}
    )

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "no-store"


def test_holds_what_is_stored_about_oneself(api_as: ApiAs) -> None:
    user = UserFactory.create(username="ada", data={"colour": "grün", "n": [1, None]})
    client = api_as(user)
    society = OrganizationFactory.create(creator=user)
    client.patch("/users/me", {"organizations": [society.pk]})
    game = GameFactory.create(name="=cmd|' /C calc'!A0")
    PlaySessionFactory.create(user=user, game=game, created_at=datetime(2026, 3, 1, tzinfo=UTC))
    PlaySessionFactory.create(
        user=user,
        game=GameFactory.create(name="\uff1dHYPERLINK()"),
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    repository = RepositoryFactory.create(user=user, owner="octo", name="hello")
    TrafficDay.objects.create(repository=repository, date="2026-03-01", views=7)

    files = export(client)

    profile = json.loads(files["profile.json"])
    assert profile["username"] == "ada"
    assert profile["data"] == {"colour": "grün", "n": [1, None]}
    assert profile["second_factor"]["active"] is False
    (session,) = rows(files["sessions.csv"])
    assert session["ip_address"] == "127.0.0.1"
    play, seen = rows(files["plays.csv"])
    assert play["created_at"] == "2026-03-01T00:00:00.000000Z"
    # No formula for whoever opens it in a spreadsheet.
    assert play["game"] == "'=cmd|' /C calc'!A0"
    # Nor in the wide forms of East Asia.
    assert seen["game"] == "'\uff1dHYPERLINK()"
    (organization,) = json.loads(files["organizations.json"])
    assert organization["id"] == society.pk
    (day,) = rows(files[f"repositories/octo/hello-{repository.pk}/days.csv"])
    assert (day["date"], day["views"], day["clones"]) == ("2026-03-01", "7", "")


def test_of_an_empty_account_has_the_same_files(api_as: ApiAs) -> None:
    files = export(api_as(UserFactory.create()))

    assert {"profile.json", "sessions.csv", "plays.csv", "organizations.json"} <= files.keys()
    assert any(name.startswith("repositories/") for name in files)
    assert json.loads(files["organizations.json"]) == []
    assert rows(files["plays.csv"]) == []


def test_holds_the_picture(api_as: ApiAs) -> None:
    user = UserFactory.create()
    client = api_as(user)
    photo = SimpleUploadedFile("me.jpg", samples.phone_photo())
    client.put("/users/me/avatar", {"avatar": photo}, format="multipart")
    user.refresh_from_db()

    files = export(client)

    with user.avatar.open() as stored:
        assert files["avatar.jpg"] == stored.read()


def test_holds_nothing_secret_and_nothing_of_others(api_as: ApiAs) -> None:
    user = UserFactory.create(email="ada@example.org")
    client = api_as(user)
    secret = enrol(user=user, now=timezone.now()).secret
    tokens = [
        client.post("/api/users/token").json()["token"],
        client.post("/api/users/share").json()["token"],
    ]
    client.post("/api/users/github", {"token": "ghp_" + "x" * 36})
    society = OrganizationFactory.create()
    society.members.add(user, UserFactory.create(username="somebody-else"))
    PlaySessionFactory.create()

    text = b"".join(export(client).values()).decode(errors="replace")

    user.refresh_from_db()
    session = user.sessions.get()
    for hidden in (
        *(user.password, PASSWORD, secret, *tokens, "ghp_", "somebody-else"),
        *(session.refresh_id, user.second_factor.secret, user.api_token.digest),
    ):
        assert hidden not in text


def test_reads_many_plays_in_bounded_memory_and_in_order(api_as: ApiAs) -> None:
    user, game = UserFactory.create(), GameFactory.create()
    client = api_as(user)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    PlaySession.objects.bulk_create(
        PlaySession(user=user, game=game, created_at=start + timedelta(seconds=n // 3))
        for n in range(20_001)
    )

    response: Any = client.get("/users/me/export")
    tracemalloc.start()
    content = io.BytesIO()
    for chunk in response.streaming_content:
        content.write(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    ids = [int(row["id"]) for row in rows(zipfile.ZipFile(content).read("plays.csv"))]
    assert len(ids) == 20_001
    assert ids == sorted(set(ids))
    assert peak < 16 * 1024 * 1024


def test_is_limited(api_as: ApiAs, settings: Any) -> None:
    settings.RATE_LIMIT_LOGIN = Rate(10, 60)
    client = api_as(UserFactory.create())

    statuses = [client.get("/users/me/export").status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]


class TestDeclarations:
    def test_no_table_that_points_at_users_is_forgotten(self) -> None:
        known: set[type[models.Model]] = {User}
        everything = apps.get_models(include_auto_created=True)
        while True:
            found = {
                model
                for model in everything
                if model not in known and any(_owner(field) in known for field in _keys(model))
            }
            if not found:
                break
            known |= found

        labels = {model._meta.label for model in known - {User}}
        forgotten = sorted(labels - declared_models())
        assert forgotten == [], (
            "Declare these tables for the export, or leave them out with a reason"
            " (core.personal_data; see the apps' personal_data.py)."
        )

    def test_every_reason_is_a_sentence(self) -> None:
        for label, reason in registry.left_out.items():
            apps.get_model(label)
            assert reason.endswith("."), label

    def test_no_member_is_declared_twice(self) -> None:
        members = [table.member for table in registry.tables]
        assert len(members) == len(set(members))


def _keys(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.is_relation]


def _owner(field: Any) -> Any:
    """A row belongs to what it is deleted with; what it only mentions owns nothing."""
    mentions = field.remote_field.on_delete in (models.PROTECT, models.SET_NULL)
    return None if mentions and field.related_model is not User else field.related_model
