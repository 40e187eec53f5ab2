"""First pages by SQL that is kept, beside the same rows by the ORM."""

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from api.pagination import DEFAULT_PAGE_SIZE
from playsessions.models import PlaySession
from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

ROWS = DEFAULT_PAGE_SIZE + 2


def assert_same(client: APIClient, path: str, rows: int) -> None:
    """Bodies and links, but for the size that the links repeat."""
    usual, asked = client.get(path), client.get(path, {"page_size": DEFAULT_PAGE_SIZE})

    assert usual.json() == asked.json()
    assert len(usual.json()) == rows
    links = asked.headers.get("Link", "").replace(f"page_size={DEFAULT_PAGE_SIZE}&", "")
    assert usual.headers.get("Link", "") == links
    assert bool(links) == (rows == DEFAULT_PAGE_SIZE)


@pytest.fixture
def staff(api_as: ApiAs) -> APIClient:
    return api_as(StaffFactory.create())


@pytest.mark.parametrize("games", [0, 3, ROWS])
def test_games(api: APIClient, games: int) -> None:
    GameFactory.create_batch(games, genre=GenreFactory.create())

    assert_same(api, "/games", rows=min(games, DEFAULT_PAGE_SIZE))


@pytest.mark.parametrize("users", [0, ROWS])
def test_last_played(staff: APIClient, users: int) -> None:
    _store_plays(UserFactory.create_batch(users), each=1)

    assert_same(staff, "/users/lastplayed", rows=min(users + 1, DEFAULT_PAGE_SIZE))


def test_plays_of_each_player_and_of_everybody_for_staff(staff: APIClient, api_as: ApiAs) -> None:
    few, many, none = UserFactory.create_batch(3)
    _store_plays([few], each=2)
    _store_plays([many], each=ROWS)

    assert_same(staff, "/playsessions", rows=DEFAULT_PAGE_SIZE)
    for player, rows in [(few, 2), (many, DEFAULT_PAGE_SIZE), (none, 0)]:
        client = api_as(player)
        assert_same(client, "/playsessions", rows=rows)
        assert {row["user"] for row in client.get("/playsessions").json()} <= {player.pk}
    # Once more after those of others.
    assert_same(staff, "/playsessions", rows=DEFAULT_PAGE_SIZE)


def _store_plays(players: list[User], *, each: int) -> None:
    game = GameFactory.create()
    start = datetime(2026, 3, 1, tzinfo=UTC)
    PlaySession.objects.bulk_create(
        PlaySession(user=player, game=game, created_at=start + timedelta(minutes=number))
        for player in players
        for number in range(each)
    )
