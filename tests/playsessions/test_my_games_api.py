"""What one has played."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from games.models import PlayedGame
from playsessions.services import record_play
from tests.conftest import ApiAs
from tests.factories import GameFactory, PlaySessionFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def player() -> User:
    return UserFactory.create()


@pytest.fixture
def client(api_as: ApiAs, player: User) -> APIClient:
    return api_as(player)


def test_shows_each_game_with_plays_and_time_the_latest_first(
    client: APIClient, player: User
) -> None:
    tetris, doom = GameFactory.create(name="Tetris"), GameFactory.create(name="Doom", released=1993)
    for hours, game in ((0, tetris), (1, doom), (2, tetris), (3, tetris), (-5, doom)):
        record_play(user=player, game_id=game.pk, now=LONG_AGO + timedelta(hours=hours))
    record_play(user=UserFactory.create(), game_id=doom.pk, now=LONG_AGO)
    PlayedGame.objects.filter(game=doom, user=player).update(seconds=77)

    assert client.get("/users/me/games").json() == [
        {
            "id": tetris.pk,
            "name": "Tetris",
            "genre": {"id": tetris.genre.pk, "name": tetris.genre.name},
            "released": None,
            "play_count": 3,
            "plays": 3,
            "seconds": 0,
            "last_played_at": "2026-03-01T15:00:00.500000Z",
        },
        {
            "id": doom.pk,
            "name": "Doom",
            "genre": {"id": doom.genre.pk, "name": doom.genre.name},
            "released": 1993,
            "play_count": 3,
            "plays": 2,
            "seconds": 77,
            "last_played_at": "2026-03-01T13:00:00.500000Z",
        },
    ]


def test_counts_plays_under_way_so_far(client: APIClient, player: User) -> None:
    game = GameFactory.create()
    for seconds_ago in (100, 40):
        record_play(
            user=player, game_id=game.pk, now=timezone.now() - timedelta(seconds=seconds_ago)
        )

    [row] = client.get("/users/me/games").json()

    assert row["plays"] == 2
    assert 140 <= row["seconds"] < 200


def test_is_paged_in_constant_queries(
    client: APIClient, player: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number, game in enumerate(GameFactory.create_batch(25)):
        record_play(user=player, game_id=game.pk, now=LONG_AGO + timedelta(minutes=number))

    pages: list[list[int]] = []
    url = "/users/me/games?page_size=10"
    while url:
        # Session and user (not with Redis), page, plays under way.
        with django_assert_max_num_queries(3):
            response = client.get(url)
        pages.append([row["id"] for row in response.json()])
        link = response.headers.get("Link", "")
        url = link.split(">")[0][1:] if 'rel="next"' in link else ""

    assert [len(page) for page in pages] == [10, 10, 5]
    ids = [game_id for page in pages for game_id in page]
    assert ids == sorted(ids, reverse=True)


def test_is_empty_for_who_never_played(client: APIClient) -> None:
    assert client.get("/users/me/games").json() == []


def test_counts_the_plays_that_were_stored_before_there_were_counters() -> None:
    play = PlaySessionFactory.create()
    later = PlaySessionFactory.create(user=play.user, game=play.game)
    PlaySessionFactory.create(user=play.user)
    migration = import_module("playsessions.migrations.0003_count_played_games")

    with connection.cursor() as cursor:
        migration.count(None, SimpleNamespace(execute=cursor.execute))

    counted = PlayedGame.objects.get(user=play.user, game=play.game)
    assert (counted.plays, counted.seconds) == (2, 0)
    assert counted.last_played_at == later.created_at
    assert PlayedGame.objects.count() == 2
