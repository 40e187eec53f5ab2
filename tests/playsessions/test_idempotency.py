"""`Idempotency-Key`."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from games.models import Game
from playsessions.models import PlaySession
from tests.conftest import ApiAs
from tests.factories import GameFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def player() -> User:
    return UserFactory.create()


@pytest.fixture
def client(api_as: ApiAs, player: User) -> APIClient:
    return api_as(player)


@pytest.fixture
def game() -> Game:
    return GameFactory.create()


def play(client: APIClient, body: Any, key: str = "a key") -> Any:
    return client.post("/playsessions", body, headers={"Idempotency-Key": key})


class TestARepeat:
    def test_a_repeat_answers_the_first_result_and_stores_nothing(
        self, client: APIClient, game: Game
    ) -> None:
        first = play(client, {"game": game.pk})

        again = play(client, {"game": game.pk})

        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.status_code == 201
        assert PlaySession.objects.count() == 1
        assert client.get(f"/games/{game.pk}").json()["play_count"] == 1
        assert [day["plays"] for day in client.get(f"/games/{game.pk}/plays").json()] == [1]

    @pytest.mark.parametrize("raw", ['{ "note": "x","game":%d}', '{"game": %d,\n"note": "x"}'])
    def test_a_repeat_may_write_the_same_json_in_another_way(
        self, client: APIClient, game: Game, raw: str
    ) -> None:
        first = play(client, {"game": game.pk, "note": "x"})

        again = client.post(
            "/playsessions",
            raw % game.pk,
            content_type="application/json",
            headers={"Idempotency-Key": "a key"},
        )

        assert again.content == first.content

    @pytest.mark.parametrize("body", [{"game": 4711}, {"game": "x"}, {}, {"note": "x"}])
    def test_a_repeat_with_another_body_is_422(
        self, client: APIClient, game: Game, body: dict[str, Any]
    ) -> None:
        play(client, {"game": game.pk})

        response = play(client, body)

        assert response.status_code == 422
        assert response.json()["errors"][0]["code"] == "idempotency_key_reused"
        assert PlaySession.objects.count() == 1

    def test_a_repeat_with_another_known_game_is_422(self, client: APIClient, game: Game) -> None:
        play(client, {"game": game.pk})

        assert play(client, {"game": GameFactory.create().pk}).status_code == 422

    def test_a_repeat_is_answered_even_when_one_could_no_longer_play(
        self, client: APIClient, player: User, game: Game
    ) -> None:
        first = play(client, {"game": game.pk})
        User.objects.filter(pk=player.pk).update(birthdate=None)

        assert play(client, {"game": game.pk}).content == first.content

    def test_a_repeat_is_new_once_the_play_session_is_gone(
        self, client: APIClient, game: Game
    ) -> None:
        first = play(client, {"game": game.pk})
        PlaySession.objects.all().delete()

        again = play(client, {"game": game.pk})

        assert again.status_code == 201
        assert again.json()["id"] != first.json()["id"]


class TestAKey:
    def test_a_key_belongs_to_one_user(self, client: APIClient, api_as: ApiAs, game: Game) -> None:
        other = api_as(UserFactory.create())

        assert play(client, {"game": game.pk}).json() != play(other, {"game": game.pk}).json()
        assert PlaySession.objects.count() == 2

    def test_a_key_tells_requests_apart(self, client: APIClient, game: Game) -> None:
        for key in ("a", "b", "A", "é", "x" * 255, "x" * 254, "ж" * 255):
            assert (
                play(client, {"game": game.pk}, key.encode().decode("latin-1")).status_code == 201
            )

        assert PlaySession.objects.count() == 7

    @pytest.mark.parametrize("key", ["", "x" * 256])
    def test_a_key_of_a_wrong_length_is_400(self, client: APIClient, game: Game, key: str) -> None:
        response = play(client, {"game": game.pk}, key)

        assert response.status_code == 400
        assert response.json()["errors"][0]["attr"] == "Idempotency-Key"
        assert "255" in response.json()["error"]
        assert not PlaySession.objects.exists()

    def test_a_key_is_not_kept_by_a_refused_try(self, api_as: ApiAs, game: Game) -> None:
        user = UserFactory.create(birthdate=None)
        client = api_as(user)
        assert play(client, {"game": game.pk}).status_code == 403
        User.objects.filter(pk=user.pk).update(birthdate="1990-01-01")
        assert play(client, {"game": 4711}).status_code == 400
        assert play(client, {"game": "x"}).status_code == 400

        assert play(client, {"game": game.pk}).status_code == 201

    def test_a_key_is_not_needed(self, client: APIClient, game: Game) -> None:
        for _ in range(2):
            assert client.post("/playsessions", {"game": game.pk}).status_code == 201

        assert PlaySession.objects.count() == 2
