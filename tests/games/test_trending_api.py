"""Trending games over HTTP."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from games.models import DailyPlays, Game
from tests.factories import GameFactory

pytestmark = pytest.mark.django_db


def played(game: Game, plays: int, *, days_ago: int = 0, today: datetime | None = None) -> None:
    day = (today or timezone.now()).date() - timedelta(days=days_ago)
    DailyPlays.objects.create(game=game, date=day, plays=plays)


def trending(api: APIClient, query: str = "") -> list[tuple[str, int]]:
    response = api.get(f"/games/trending{query}")
    assert response.status_code == 200, response.content
    return [(game["name"], game["plays"]) for game in response.json()]


def test_adds_up_the_plays_of_the_days_most_first(api: APIClient) -> None:
    tetris, doom, _ = (GameFactory.create(name=name) for name in ("Tetris", "Doom", "Myst"))
    for days_ago, plays in ((0, 1), (6, 2), (7, 100), (89, 1000), (90, 10_000)):
        played(tetris, plays, days_ago=days_ago)
    played(doom, 5)

    assert trending(api) == [("Doom", 5), ("Tetris", 3)]
    assert trending(api, "?days=7") == [("Doom", 5), ("Tetris", 3)]
    assert trending(api, "?days=1") == [("Doom", 5), ("Tetris", 1)]
    assert trending(api, "?days=8") == [("Tetris", 103), ("Doom", 5)]
    assert trending(api, "?days=90") == [("Tetris", 1103), ("Doom", 5)]


def test_shows_whole_games(api: APIClient) -> None:
    game = GameFactory.create(play_count=9)
    played(game, 2)

    assert api.get("/games/trending").json() == [api.get(f"/games/{game.pk}").json() | {"plays": 2}]


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "1.5", "7 ", "\u0667", "9" * 30, "\0"])
def test_refuses_other_numbers_of_days(api: APIClient, days: str) -> None:
    response = api.get("/games/trending", {"days": days})

    assert response.status_code == 400, days
    found = days if days in ("0", "91") else repr(days)
    assert response.json()["error"] == f"days: {found} is not a whole number from 1 to 90."


def test_counts_days_in_utc_and_forgets_them_at_midnight(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = GameFactory.create()
    evening = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    played(game, 3, today=evening)
    clock = SimpleNamespace(now=lambda: evening)
    monkeypatch.setattr("games.views.timezone", clock)
    monkeypatch.setattr("api.response_cache.timezone", clock)
    assert trending(api, "?days=1") == [(game.name, 3)]

    clock.now = lambda: evening + timedelta(seconds=1)

    assert trending(api, "?days=1") == []
    assert trending(api, "?days=2") == [(game.name, 3)]


def test_shows_a_play_at_once(api: APIClient) -> None:
    game = GameFactory.create()
    played(game, 1)
    assert trending(api) == [(game.name, 1)]

    DailyPlays.objects.update(plays=2)

    assert trending(api) == [(game.name, 2)]


def test_is_paged_both_ways(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    games = GameFactory.create_batch(7)
    for number, game in enumerate(games):
        played(game, 1 + number // 2)  # ties included
    expected = trending(api)
    assert len(expected) == 7

    pages: list[Any] = []
    url = "/games/trending?page_size=3&days=7"
    for _ in range(3):
        # The ranking, and the games of the page.
        with django_assert_num_queries(2):
            response = api.get(url)
        pages.append([(game["name"], game["plays"]) for game in response.json()])
        links = {
            part.split('rel="')[1].rstrip('"'): part.split(">")[0][1:]
            for part in response.headers["Link"].split(", ")
        }
        url = links.get("next", "")

    assert [pair for page in pages for pair in page] == expected
    assert not url
    back = api.get(links["prev"])
    assert [(game["name"], game["plays"]) for game in back.json()] == pages[1]


@pytest.mark.parametrize("cursor", ["x", "WzAsMV0", "WzAsImEiLCJiIl0", "WzAsMSwyLDNd", ""])
def test_refuses_a_cursor_of_something_else(api: APIClient, cursor: str) -> None:
    played(GameFactory.create(), 1)

    assert api.get(f"/games/trending?cursor={cursor}").status_code == 400


def test_answers_304_to_who_has_it(api: APIClient) -> None:
    played(GameFactory.create(), 1)
    tag = api.get("/games/trending").headers["ETag"]

    assert api.get("/games/trending", HTTP_IF_NONE_MATCH=tag).status_code == 304
