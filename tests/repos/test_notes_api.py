"""`/api/repos/<id>/notes`."""

import pytest
from rest_framework.test import APIClient

from repos.models import Note, TrackedRepository
from repos.services import notes
from tests.factories import RepositoryFactory
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository(user: User) -> TrackedRepository:
    return RepositoryFactory.create(user=user)


@pytest.fixture
def path(repository: TrackedRepository) -> str:
    return f"/api/repos/{repository.uuid}/notes"


def test_a_note_is_listed_by_its_day_until_it_is_deleted(client: APIClient, path: str) -> None:
    later = client.post(path, {"date": "2026-03-02", "text": "  Release party "}).json()["id"]
    earlier = client.post(path, {"date": "2026-03-01", "text": "Hacker News"}).json()["id"]

    assert client.get(path).json() == [
        {"id": earlier, "date": "2026-03-01", "text": "Hacker News"},
        {"id": later, "date": "2026-03-02", "text": "Release party"},
    ]
    assert client.post(f"{path}/{later}/delete").status_code == 202
    assert client.post(f"{path}/{later}/delete").status_code == 404
    assert [note["id"] for note in client.get(path).json()] == [earlier]


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"text": "x"}, "date"),
        ({"date": "2026-03-01"}, "text"),
        ({"date": "01.03.2026", "text": "x"}, "date"),
        ({"date": "2026-02-30", "text": "x"}, "date"),
        ({"date": "2026-03-01T00:00:00Z", "text": "x"}, "date"),
        ({"date": 20260301, "text": "x"}, "date"),
        ({"date": "2026-03-01", "text": ""}, "text"),
        ({"date": "2026-03-01", "text": "   "}, "text"),
        ({"date": "2026-03-01", "text": "x" * 201}, "text"),
        ({"date": "2026-03-01", "text": "two\nlines"}, "text"),
        ({"date": "2026-03-01", "text": "\u2028"}, "text"),
        ({"date": "2026-03-01", "text": "\u200b\u2060"}, "text"),
        ({"date": "2026-03-01", "text": 5}, "text"),
        ({"date": "2026-03-01", "text": None}, "text"),
    ],
)
def test_a_note_that_cannot_be_right_is_refused_by_its_field(
    body: dict[str, object], attr: str, client: APIClient, path: str
) -> None:
    response = client.post(path, body)

    assert response.status_code == 400
    assert [error["attr"] for error in response.json()["errors"]] == [attr]
    assert not Note.objects.exists()


def test_notes_of_others_are_unknown(client: APIClient, path: str) -> None:
    theirs = RepositoryFactory.create()
    note = Note.objects.create(
        repository=theirs, date="2026-03-01", text="x", created_at="2026-03-01T00:00:00Z"
    )

    assert client.get(f"/api/repos/{theirs.uuid}/notes").status_code == 404
    assert client.post(f"{path}/{note.pk}/delete").status_code == 404
    assert client.post(f"{path}/{10**30}/delete").status_code == 404
    assert client.post(f"{path}/x/delete").status_code == 404
    assert Note.objects.exists()


def test_there_is_a_limit(client: APIClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MAX_NOTES", 1)
    client.post(path, {"date": "2026-03-01", "text": "x"})

    response = client.post(path, {"date": "2026-03-01", "text": "y"})

    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "too_many_notes"


def test_notes_go_with_their_repository(
    client: APIClient, repository: TrackedRepository, path: str
) -> None:
    client.post(path, {"date": "2026-03-01", "text": "x"})
    client.post(f"/api/repos/{repository.uuid}/delete")

    assert not Note.objects.exists()
