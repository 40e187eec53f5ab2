"""Many at one instant, each thread with a connection of its own."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from games.models import DailyPlays, Game, PlayedGame
from playsessions.models import PlaySession
from tests.concurrency import at_once
from tests.conftest import ApiAs
from tests.factories import (
    GameFactory,
    GenreFactory,
    PlaySessionFactory,
    StaffFactory,
    UserFactory,
)
from users.models import User

# Threads see only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.system]


def test_one_key_stores_one_play_however_many_ask(api_as: ApiAs) -> None:
    game = GameFactory.create()
    client = api_as(UserFactory.create())

    play = partial(client.post, "/playsessions", {"game": game.pk})
    answers = at_once([partial(play, headers={"Idempotency-Key": "one"})] * 32)

    assert Counter(answer.status_code for answer in answers) == {201: 32}
    assert len({answer.content for answer in answers}) == 1
    assert PlaySession.objects.count() == 1
    assert Game.objects.get().play_count == 1
    assert DailyPlays.objects.get().plays == 1


def test_every_play_counts(api_as: ApiAs) -> None:
    games = GameFactory.create_batch(2)
    clients = [api_as(UserFactory.create()) for _ in range(16)]

    def plays(client: Any) -> list[int]:
        return [
            client.post("/playsessions", {"game": game.pk}).status_code
            for game in games
            for _ in range(3)
        ]

    answers = at_once([partial(plays, client) for client in clients])

    assert {status for statuses in answers for status in statuses} == {201}
    for game in games:
        game.refresh_from_db()
        assert game.play_count == 48
        assert sum(day.plays for day in game.daily_plays.all()) == 48
        assert game.play_sessions.count() == 48


@pytest.mark.parametrize("path", ["/games", "/genres"])
def test_one_of_many_gets_a_name(api_as: ApiAs, path: str) -> None:
    genre = GenreFactory.create()
    staff = api_as(StaffFactory.create())

    answers = at_once(
        [
            partial(staff.post, path, {"name": name, "genre": genre.pk})
            for name in ["Tetris", "TETRIS", "tetris", "TeTrIs"] * 2
        ]
    )

    assert Counter(answer.status_code for answer in answers) == {201: 1, 400: 7}
    refusals = [answer.json()["errors"] for answer in answers if answer.status_code == 400]
    assert {errors[0]["code"] for errors in refusals} == {"taken_name"}


def test_a_game_is_played_or_deleted(api_as: ApiAs) -> None:
    player, staff = api_as(UserFactory.create()), api_as(StaffFactory.create())

    for _ in range(5):
        game = GameFactory.create()
        played, deleted = at_once(
            [
                partial(player.post, "/playsessions", {"game": game.pk}),
                partial(staff.delete, f"/games/{game.pk}"),
            ]
        )

        assert (played.status_code, deleted.status_code) in {(201, 409), (400, 204)}
        assert Game.objects.filter(pk=game.pk).exists() == (played.status_code == 201)


def test_time_counts_once_however_many_say_it(api_as: ApiAs) -> None:
    client = api_as(UserFactory.create())
    play = PlaySessionFactory.create(
        user=User.objects.get(), created_at=timezone.now() - timedelta(seconds=100)
    )
    PlayedGame.objects.create(
        user=play.user, game=play.game, plays=1, last_played_at=play.created_at
    )
    url = f"/playsessions/{play.pk}"

    end = partial(client.patch, url, {"ended": True})
    beat = partial(client.post, f"{url}/heartbeat")
    answers = at_once([end, beat] * 8)

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[200] == 8
    assert statuses[204] + statuses[409] == 8
    ends = {answer.content for answer in answers if answer.status_code == 200}
    assert len(ends) == 1
    play.refresh_from_db()
    assert play.ended_at is not None
    length = int((play.ended_at - play.created_at).total_seconds())
    assert PlayedGame.objects.get().seconds == length


def test_an_account_may_be_deleted_while_it_plays(api_as: ApiAs) -> None:
    game = GameFactory.create()

    for _ in range(5):
        player = UserFactory.create()
        client = api_as(player)
        first = client.post("/playsessions", {"game": game.pk}).json()["id"]
        play = partial(client.post, "/playsessions", {"game": game.pk})
        end = partial(client.patch, f"/playsessions/{first}", {"ended": True})

        *played, ended, deleted = at_once(
            [play, play, play, end, partial(client.delete, "/users/me")]
        )

        assert deleted.status_code == 204
        assert {response.status_code for response in played} <= {201, 401}
        assert ended.status_code in {200, 401}
        assert not PlaySession.objects.filter(user_id=player.pk).exists()
