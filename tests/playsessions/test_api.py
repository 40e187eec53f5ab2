"""Playing over HTTP (requirement A7)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from games.models import DailyPlays, Game
from playsessions.models import PlaySession
from tests.conftest import ApiAs
from tests.factories import GameFactory, PlaySessionFactory, StaffFactory, UserFactory
from tests.times import written
from users.models import User

pytestmark = pytest.mark.django_db

NO_GAMES: list[Any] = [4711, 0, -1, 2**63 - 1, "x", None, [], {}, True, 1.5, ""]


@pytest.fixture
def player() -> User:
    return UserFactory.create()


@pytest.fixture
def client(api_as: ApiAs, player: User) -> APIClient:
    return api_as(player)


@pytest.fixture
def game() -> Game:
    return GameFactory.create(name="Tetris")


class TestRecordingAPlay:
    def test_recording_a_play_stores_who_played_what_and_when(
        self, client: APIClient, player: User, game: Game
    ) -> None:
        before = timezone.now()

        response = client.post("/playsessions", {"game": game.pk})

        assert response.status_code == 201
        stored = PlaySession.objects.get()
        assert response.json() == {
            "id": stored.pk,
            "user": player.pk,
            "game": game.pk,
            "created_at": written(stored.created_at),
            "ended_at": None,
            "seconds": None,
        }
        assert before <= stored.created_at <= timezone.now()

    def test_recording_a_play_counts_it_for_the_game_and_for_the_day(
        self, client: APIClient, game: Game
    ) -> None:
        for count in (1, 2, 3):
            client.post("/playsessions", {"game": game.pk})

            assert client.get(f"/games/{game.pk}").json()["play_count"] == count
            assert [day["plays"] for day in client.get(f"/games/{game.pk}/plays").json()] == [count]

    def test_recording_a_play_counts_by_days_in_utc(
        self, client: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for moment in (
            datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2026, 3, 1, tzinfo=UTC),
        ):
            monkeypatch.setattr("playsessions.views.timezone.now", lambda now=moment: now)
            monkeypatch.setattr("users.sessions.authentication.timezone.now", timezone.now)
            client.post("/playsessions", {"game": game.pk})

        assert client.get(f"/games/{game.pk}/plays").json() == [
            {"date": "2026-02-28", "plays": 1},
            {"date": "2026-03-01", "plays": 1},
        ]

    def test_recording_a_play_ignores_members_it_does_not_know(
        self, client: APIClient, player: User, game: Game
    ) -> None:
        other = UserFactory.create()

        response = client.post(
            "/playsessions",
            {"game": game.pk, "user": other.pk, "created_at": "2000-01-01T00:00:00Z", "id": 4711},
        )

        assert response.status_code == 201
        assert response.json()["user"] == player.pk
        assert not response.json()["created_at"].startswith("2000")

    @pytest.mark.parametrize("body", [{}, *({"game": game} for game in NO_GAMES)], ids=repr)
    def test_recording_a_play_refuses_what_is_no_game(
        self, client: APIClient, body: dict[str, Any]
    ) -> None:
        response = client.post("/playsessions", body)

        assert response.status_code == 400
        assert [error["attr"] for error in response.json()["errors"]] == ["game"]
        assert not PlaySession.objects.exists()

    @pytest.mark.parametrize(
        "raw", [b'{"game": 1e400}', b'{"game": 9223372036854775808}', b"[1]", b"null", b"{", b""]
    )
    def test_recording_a_play_refuses_hostile_bodies(self, client: APIClient, raw: bytes) -> None:
        response = client.post("/playsessions", raw, content_type="application/json")

        assert response.status_code == 400
        assert response.json()["error"]

    def test_recording_a_play_wants_somebody_logged_in(self, api: APIClient, game: Game) -> None:
        for response in (api.post("/playsessions", {"game": game.pk}), api.get("/playsessions")):
            assert response.status_code == 401
            assert "Bearer" in response.headers["WWW-Authenticate"]
        assert not PlaySession.objects.exists()


class TestAge:
    def test_age_is_asked_for(self, api_as: ApiAs, game: Game) -> None:
        client = api_as(UserFactory.create(birthdate=None))

        response = client.post("/playsessions", {"game": game.pk})

        assert response.status_code == 403
        assert response.json()["errors"][0]["code"] == "birthdate_missing"
        assert "PATCH /users/me" in response.json()["error"]
        assert not PlaySession.objects.exists()
        assert client.get(f"/games/{game.pk}").json()["play_count"] == 0

    def test_age_suffices_once_it_is_known(self, api_as: ApiAs, game: Game) -> None:
        client = api_as(UserFactory.create(birthdate=None))

        client.patch("/users/me", {"birthdate": "1990-01-01"})

        assert client.post("/playsessions", {"game": game.pk}).status_code == 201

    @pytest.mark.parametrize(
        ("birthdate", "today", "status"),
        [
            (date(2008, 3, 2), datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC), 403),
            (date(2008, 3, 2), datetime(2026, 3, 2, tzinfo=UTC), 201),
            (date(2008, 2, 29), datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC), 403),
            (date(2008, 2, 29), datetime(2026, 3, 1, tzinfo=UTC), 201),
        ],
    )
    def test_age_is_18_from_the_birthday_on(
        self,
        client: APIClient,
        game: Game,
        monkeypatch: pytest.MonkeyPatch,
        *,
        birthdate: date,
        today: datetime,
        status: int,
    ) -> None:
        User.objects.update(birthdate=birthdate)
        monkeypatch.setattr("playsessions.views.timezone.now", lambda: today)

        response = client.post("/playsessions", {"game": game.pk})

        assert response.status_code == status
        if status == 403:
            assert response.json()["errors"][0]["code"] == "too_young"
            assert "18" in response.json()["error"]


def of_plays(queries: CaptureQueriesContext) -> int:
    return sum("playsessions_playsession" in query["sql"] for query in queries)


class TestListOfPlays:
    def test_list_of_plays_shows_ones_own_newest_first(
        self, client: APIClient, player: User
    ) -> None:
        old, new = PlaySessionFactory.create_batch(2, user=player)
        PlaySessionFactory.create()

        response = client.get("/playsessions")

        assert [play["id"] for play in response.json()] == [new.pk, old.pk]
        assert response.json()[1] == {
            "id": old.pk,
            "user": player.pk,
            "game": old.game.pk,
            "created_at": written(old.created_at),
            "ended_at": written(old.created_at),
            "seconds": 0,
        }

    def test_list_of_plays_shows_staff_everybodys(self, api_as: ApiAs) -> None:
        plays = PlaySessionFactory.create_batch(3)
        staff = api_as(StaffFactory.create())

        assert [play["id"] for play in staff.get("/playsessions").json()] == [
            play.pk for play in reversed(plays)
        ]
        of_user = staff.get(f"/playsessions?user={plays[0].user.pk}").json()
        of_game = staff.get(f"/playsessions?game={plays[1].game.pk}").json()
        of_both = staff.get(f"/playsessions?user={plays[0].user.pk}&game={plays[1].game.pk}").json()
        assert [play["id"] for play in of_user] == [plays[0].pk]
        assert [play["id"] for play in of_game] == [plays[1].pk]
        assert of_both == []
        assert len(staff.get("/playsessions?user=&game=").json()) == 3

    def test_list_of_plays_never_shows_others_what_somebody_plays(
        self, client: APIClient, player: User
    ) -> None:
        own = PlaySessionFactory.create(user=player)
        foreign = PlaySessionFactory.create(game=own.game)

        assert client.get(f"/playsessions?user={foreign.user.pk}").json() == []
        assert [p["id"] for p in client.get(f"/playsessions?game={own.game.pk}").json()] == [own.pk]
        assert [p["id"] for p in client.get(f"/playsessions?user={player.pk}").json()] == [own.pk]

    @pytest.mark.parametrize("name", ["user", "game"])
    @pytest.mark.parametrize(
        "value", ["abc", "0", "-1", "1.0", "9" * 30, str(2**63), "\0", "\u0663"]
    )
    def test_list_of_plays_refuses_filters_that_are_no_ids(
        self, client: APIClient, name: str, value: str
    ) -> None:
        response = client.get("/playsessions", {name: value})

        assert response.status_code == 400
        assert [error["attr"] for error in response.json()["errors"]] == [name]

    def test_list_of_plays_is_paged_in_both_directions(
        self, client: APIClient, player: User
    ) -> None:
        moment = datetime(2026, 3, 1, tzinfo=UTC)
        # Some at one instant: the id decides between them.
        plays = [
            PlaySessionFactory.create(user=player, created_at=moment.replace(second=n // 2))
            for n in range(5)
        ]
        expected = [play.pk for play in reversed(plays)]

        first = client.get("/playsessions?page_size=2")
        second = client.get(first.headers["Link"].split(">")[0][1:])
        back = second.headers["Link"].split(", ")[1].split(">")[0].removeprefix("<")

        assert [play["id"] for play in first.json() + second.json()] == expected[:4]
        assert client.get(back).json() == first.json()

    def test_list_of_plays_costs_the_same_queries_however_many(
        self, client: APIClient, player: User
    ) -> None:
        PlaySessionFactory.create(user=player)
        client.get("/playsessions")

        with CaptureQueriesContext(connection) as few:
            assert len(client.get("/playsessions").json()) == 1
        PlaySessionFactory.create_batch(49, user=player)
        with CaptureQueriesContext(connection) as many:
            assert len(client.get("/playsessions").json()) == 50

        # The others look up who asks: one, or with Redis none, or now and then its own.
        assert of_plays(few) == of_plays(many) == 1
        assert max(len(few), len(many)) <= 3


class TestDeletionOfAUser:
    def test_deletion_of_a_user_takes_the_plays_along_and_leaves_the_figures(
        self, client: APIClient, api_as: ApiAs, game: Game
    ) -> None:
        client.post("/playsessions", {"game": game.pk}, headers={"Idempotency-Key": "one"})
        others = api_as(UserFactory.create())
        others.post("/playsessions", {"game": game.pk})

        assert client.delete("/users/me").status_code == 204

        assert PlaySession.objects.count() == 1
        assert others.get(f"/games/{game.pk}").json()["play_count"] == 2
        assert [day["plays"] for day in others.get(f"/games/{game.pk}/plays").json()] == [2]
        assert DailyPlays.objects.count() == 1
