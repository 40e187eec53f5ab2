"""How long a play lasts, over HTTP."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from games.models import Game, PlayedGame
from playsessions.models import PlaySession
from tests.conftest import ApiAs
from tests.factories import GameFactory, StaffFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 18, 0, 0, 250_000, tzinfo=UTC)


class Clock:
    """The server's, as far as plays are concerned. (The tokens are of today.)"""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = START
        timezone = SimpleNamespace(now=lambda: self.moment)
        for module in ("views", "serializers", "my_games_views", "last_played_views"):
            monkeypatch.setattr(f"playsessions.{module}.timezone", timezone)

    def set(self, **since_start: float) -> None:
        self.moment = START + timedelta(**since_start)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def player() -> User:
    return UserFactory.create()


@pytest.fixture
def client(api_as: ApiAs, player: User, clock: Clock) -> APIClient:
    return api_as(player)


@pytest.fixture
def game() -> Game:
    return GameFactory.create()


def begin(client: APIClient, game: Game) -> str:
    response = client.post("/playsessions", {"game": game.pk})
    assert response.status_code == 201
    return f"/playsessions/{response.json()['id']}"


def listed(client: APIClient) -> dict[str, Any]:
    [play] = client.get("/playsessions").json()
    return {name: play[name] for name in ("ended_at", "seconds")}


def my_seconds(client: APIClient) -> list[int]:
    return [game["seconds"] for game in client.get("/users/me/games").json()]


LASTS = {"ended_at": None, "seconds": None}


class TestEnding:
    def test_ending_tells_when_and_after_how_many_whole_seconds(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        clock.set(seconds=119.9)

        ended = client.patch(play, {"ended": True})

        assert ended.status_code == 200
        assert ended.json()["ended_at"] == "2026-03-01T18:02:00.150000Z"
        assert ended.json()["seconds"] == 119
        assert client.get("/playsessions").json() == [ended.json()]
        assert my_seconds(client) == [119]

    def test_again_changes_nothing(self, client: APIClient, game: Game, clock: Clock) -> None:
        play = begin(client, game)
        clock.set(seconds=60)
        first = client.patch(play, {"ended": True}).json()
        clock.set(minutes=50)

        again = client.patch(play, {"ended": True})

        assert (again.status_code, again.json()) == (200, first)
        assert my_seconds(client) == [60]

    def test_ending_after_silence_tells_the_last_sign_of_life(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        clock.set(minutes=4)
        client.post(f"{play}/heartbeat")
        clock.set(minutes=90)

        ended = client.patch(play, {"ended": True}).json()

        assert (ended["ended_at"], ended["seconds"]) == ("2026-03-01T18:04:00.250000Z", 240)
        assert my_seconds(client) == [240]

    @pytest.mark.parametrize(
        "body", [{}, {"ended": False}, {"ended": None}, {"ended": 1}, {"ended": "true"}]
    )
    def test_ending_takes_nothing_but_true(self, client: APIClient, game: Game, body: Any) -> None:
        play = begin(client, game)

        response = client.patch(play, body)

        assert response.status_code == 400
        assert [error["attr"] for error in response.json()["errors"]] == ["ended"]
        assert listed(client) == LASTS

    def test_ending_with_a_clock_that_was_set_back_lasts_no_negative_time(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        clock.set(seconds=30)
        client.post(f"{play}/heartbeat")
        clock.set(seconds=-600)

        assert client.post(f"{play}/heartbeat").status_code == 204
        assert client.patch(play, {"ended": True}).json()["seconds"] == 30
        assert my_seconds(client) == [30]


class TestSilence:
    def test_silence_of_five_minutes_ends_a_play_without_any_job(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        clock.set(minutes=4, seconds=59)
        assert client.post(f"{play}/heartbeat").status_code == 204
        clock.set(minutes=9, seconds=58)
        assert listed(client) == LASTS

        clock.set(minutes=9, seconds=59)

        assert listed(client) == {"ended_at": "2026-03-01T18:04:59.250000Z", "seconds": 299}
        assert my_seconds(client) == [299]
        assert PlaySession.objects.get().ended_at is None, "stored by the next write only"

    def test_silence_from_the_start_makes_a_play_of_no_length(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        begin(client, game)
        clock.set(minutes=5)

        assert listed(client) == {"ended_at": "2026-03-01T18:00:00.250000Z", "seconds": 0}
        assert my_seconds(client) == [0]

    def test_silence_of_a_sleeping_laptop_is_not_played(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        clock.set(minutes=2)
        client.post(f"{play}/heartbeat")
        clock.set(hours=8)

        late = client.post(f"{play}/heartbeat")

        assert late.status_code == 409
        assert late.json()["errors"][0]["code"] == "play_ended"
        assert PlaySession.objects.get().ended_at == START + timedelta(minutes=2)
        assert listed(client)["seconds"] == 120
        assert my_seconds(client) == [120]


class TestHeartbeat:
    def test_heartbeat_keeps_a_play_going(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        for minute in range(1, 61):
            clock.set(minutes=minute)
            assert client.post(f"{play}/heartbeat", {"anything": 1}).status_code == 204

        assert listed(client) == LASTS
        assert my_seconds(client) == [3600]
        assert PlayedGame.objects.get().seconds == 3600

    def test_heartbeat_after_the_end_is_a_conflict(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        clock.set(seconds=10)
        client.patch(play, {"ended": True})

        assert client.post(f"{play}/heartbeat").status_code == 409
        assert my_seconds(client) == [10]

    def test_heartbeat_is_written_at_most_once_a_second(
        self, client: APIClient, game: Game, clock: Clock
    ) -> None:
        play = begin(client, game)
        for milliseconds in (1000, 1400, 1999):
            clock.set(milliseconds=milliseconds)
            assert client.post(f"{play}/heartbeat").status_code == 204

        assert PlaySession.objects.get().last_seen_at == START + timedelta(seconds=1)

    def test_heartbeat_of_somebody_else_is_unknown(
        self, client: APIClient, game: Game, api_as: ApiAs
    ) -> None:
        play = begin(client, game)

        for stranger in (UserFactory.create(), StaffFactory.create()):
            assert api_as(stranger).post(f"{play}/heartbeat").status_code == 404
            assert api_as(stranger).patch(play, {"ended": True}).status_code == 404
        for path in ("/playsessions/4711", f"/playsessions/{2**63}", f"/playsessions/{10**30}"):
            assert client.post(f"{path}/heartbeat").status_code == 404
            assert client.patch(path, {"ended": True}).status_code == 404
        assert listed(client) == LASTS


class TestLastPlayed:
    def test_last_played_tells_the_length_too(
        self, client: APIClient, player: User, game: Game, clock: Clock, api_as: ApiAs
    ) -> None:
        play = begin(client, game)
        staff = api_as(StaffFactory.create())

        def seconds() -> Any:
            rows = staff.get("/users/lastplayed").json()
            [last_played] = [row["last_played"] for row in rows if row["id"] == player.pk]
            return last_played["seconds"]

        assert seconds() is None
        clock.set(seconds=61)
        client.patch(play, {"ended": True})
        assert seconds() == 61
