"""Everybody's last play, for staff (requirement A5)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import PlaySessionFactory, StaffFactory, UserFactory
from tests.times import written
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return StaffFactory.create(username="boss")


@pytest.fixture
def staff(api_as: ApiAs, boss: User) -> APIClient:
    return api_as(boss)


def test_shows_each_users_newest_play_or_none(staff: APIClient, boss: User) -> None:
    ada = UserFactory.create(username="ada", email=None)
    PlaySessionFactory.create(user=ada)
    last = PlaySessionFactory.create(user=ada, game__name="Tetris", game__genre__name="Puzzle")
    PlaySessionFactory.create(user=boss)
    idle = UserFactory.create(username="idle")

    shown = staff.get("/users/lastplayed").json()

    assert [user["id"] for user in shown] == [boss.pk, ada.pk, idle.pk]
    assert shown[1] == {
        "id": ada.pk,
        "username": "ada",
        "email": None,
        "last_played": {
            "game": {
                "id": last.game.pk,
                "name": "Tetris",
                "genre": {"id": last.game.genre.pk, "name": "Puzzle"},
            },
            "played_at": written(last.created_at),
            "seconds": 0,
        },
    }
    assert shown[2] == {
        "id": idle.pk,
        "username": "idle",
        "email": idle.email,
        "last_played": None,
    }


def test_goes_by_time_and_then_by_id(staff: APIClient, boss: User) -> None:
    newest = PlaySessionFactory.create(user=boss)
    PlaySessionFactory.create(user=boss, created_at=newest.created_at.replace(year=2020))
    [shown] = staff.get("/users/lastplayed").json()
    assert shown["last_played"]["game"]["id"] == newest.game.pk

    later = PlaySessionFactory.create(user=boss, created_at=newest.created_at)
    [shown] = staff.get("/users/lastplayed").json()
    assert shown["last_played"]["game"]["id"] == later.game.pk


def test_is_for_staff(api: APIClient, api_as: ApiAs) -> None:
    assert api.get("/users/lastplayed").status_code == 401
    assert api_as(UserFactory.create()).get("/users/lastplayed").status_code == 403
    assert api.post("/users/lastplayed").status_code == 405


def test_is_paged_by_id(staff: APIClient, boss: User) -> None:
    others = UserFactory.create_batch(3)

    first = staff.get("/users/lastplayed?page_size=2")
    second = staff.get(first.headers["Link"].split(">")[0][1:])

    assert [user["id"] for user in first.json()] == [boss.pk, others[0].pk]
    assert [user["id"] for user in second.json()] == [others[1].pk, others[2].pk]
    assert 'rel="next"' not in second.headers["Link"]


def about(table: str, queries: CaptureQueriesContext) -> int:
    return sum(table in query["sql"] for query in queries)


def test_costs_the_same_queries_however_many(staff: APIClient, boss: User) -> None:
    PlaySessionFactory.create(user=boss)
    staff.get("/users/lastplayed")

    with CaptureQueriesContext(connection) as few:
        assert len(staff.get("/users/lastplayed").json()) == 1
    PlaySessionFactory.create_batch(49)
    PlaySessionFactory.create_batch(50, user=boss)
    with CaptureQueriesContext(connection) as many:
        assert len(staff.get("/users/lastplayed").json()) == 50

    # The others look up who asks: one, or with Redis none, or now and then its own.
    for queries in (few, many):
        assert about("playsessions_lastplay", queries) == 1
        assert about("playsessions_playsession", queries) == 0
    assert max(len(few), len(many)) <= 3
