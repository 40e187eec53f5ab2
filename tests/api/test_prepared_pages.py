"""Pages by SQL that is kept, beside the same ones by the ORM."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from api.pagination import DEFAULT_PAGE_SIZE, PreparedPages
from games.serializers import ORDERINGS
from playsessions.models import PlaySession
from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

ROWS = DEFAULT_PAGE_SIZE + 2


def assert_same(client: APIClient, path: str, query: str = "", *, rows: int) -> None:
    """Bodies and links of all pages, forwards and back again."""
    for page_size in (DEFAULT_PAGE_SIZE, 1 + rows // 3, rows + 1):
        size = "" if page_size == DEFAULT_PAGE_SIZE else f"page_size={page_size}"
        url: str | None = f"{path}?{query}&{size}"
        seen = []
        for relation in ("next", "prev"):
            pages = []
            while url:
                page = client.get(url)
                assert (page.json(), page.headers.get("Link")) == _by_orm(client, url)
                pages.append(page.json())
                last_url, url = url, _link(page, relation)
            seen.append(pages)
            url = last_url
        forwards, backwards = seen
        assert [len(page) for page in forwards] == _sizes(rows, page_size)
        assert backwards == forwards[::-1]


def _by_orm(client: APIClient, url: str) -> tuple[object, str | None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PreparedPages, "of", lambda self, *values: self.build(*values))
        response = client.get(url)
    return response.json(), response.headers.get("Link")


def _link(page: Any, relation: str) -> str | None:
    found = re.search(rf'<([^>]*)>; rel="{relation}"', page.headers.get("Link", ""))
    return found[1] if found else None


def _sizes(rows: int, page_size: int) -> list[int]:
    return [min(page_size, rows - start) for start in range(0, rows, page_size)] or [0]


@pytest.fixture
def staff(api_as: ApiAs) -> APIClient:
    return api_as(StaffFactory.create())


@pytest.mark.parametrize("games", [0, 3, ROWS])
def test_games(api: APIClient, games: int) -> None:
    GameFactory.create_batch(games, genre=GenreFactory.create())

    for order in ("", *ORDERINGS):
        assert_same(api, "/games", f"ordering={order}", rows=games)


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
