"""First pages by SQL that is kept, beside the same rows by the ORM."""

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from api.pagination import DEFAULT_PAGE_SIZE, FirstPage
from playsessions.models import PlaySession
from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

ROWS = DEFAULT_PAGE_SIZE + 2


def assert_same(client: APIClient, path: str, rows: int) -> None:
    """Bodies and links, for any size of a page."""
    for page_size in (None, 1, rows, rows + 1):
        if page_size == 0:
            continue
        query = {} if page_size is None else {"page_size": page_size}
        kept = client.get(path, query)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FirstPage, "rows", lambda *_, **__: None)
            by_orm = client.get(path, query)

        assert kept.json() == by_orm.json()
        assert len(kept.json()) == min(rows, page_size or DEFAULT_PAGE_SIZE)
        assert kept.headers.get("Link") == by_orm.headers.get("Link")
        assert ("Link" in kept.headers) == (rows > (page_size or DEFAULT_PAGE_SIZE))


@pytest.fixture
def staff(api_as: ApiAs) -> APIClient:
    return api_as(StaffFactory.create())


@pytest.mark.parametrize("games", [0, 3, ROWS])
def test_games(api: APIClient, games: int) -> None:
    GameFactory.create_batch(games, genre=GenreFactory.create())

    assert_same(api, "/games", rows=games)


@pytest.mark.parametrize("genres", [0, ROWS])
def test_genres(api: APIClient, genres: int) -> None:
    GenreFactory.create_batch(genres)

    assert_same(api, "/genres", rows=genres)


@pytest.mark.parametrize("users", [0, ROWS])
def test_last_played(staff: APIClient, users: int) -> None:
    _store_plays(UserFactory.create_batch(users), each=1)

    assert_same(staff, "/users/lastplayed", rows=users + 1)


def test_plays_of_each_player_and_of_everybody_for_staff(staff: APIClient, api_as: ApiAs) -> None:
    few, many, none = UserFactory.create_batch(3)
    _store_plays([few], each=2)
    _store_plays([many], each=ROWS)

    assert_same(staff, "/playsessions", rows=ROWS + 2)
    for player, rows in [(few, 2), (many, ROWS), (none, 0)]:
        client = api_as(player)
        assert_same(client, "/playsessions", rows=rows)
        assert {row["user"] for row in client.get("/playsessions").json()} <= {player.pk}
    # Once more after those of others.
    assert_same(staff, "/playsessions", rows=ROWS + 2)


def _store_plays(players: list[User], *, each: int) -> None:
    game = GameFactory.create()
    start = datetime(2026, 3, 1, tzinfo=UTC)
    PlaySession.objects.bulk_create(
        PlaySession(user=player, game=game, created_at=start + timedelta(minutes=number))
        for player in players
        for number in range(each)
    )
