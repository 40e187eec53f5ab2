"""Managing the catalogue over HTTP."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.db.fields import MAX_ID
from games.models import Game, Genre
from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(api_as: ApiAs) -> APIClient:
    return api_as(StaffFactory.create())


class TestGenres:
    def test_genres_are_created_read_renamed_and_deleted(
        self, staff: APIClient, api: APIClient
    ) -> None:
        created = staff.post("/genres", {"name": "  Puzzle "})
        assert created.status_code == 201
        assert created.json() == {"id": created.json()["id"], "name": "Puzzle"}
        url = f"/genres/{created.json()['id']}"
        assert created.headers["Location"] == f"http://testserver{url}"

        renamed = staff.patch(url, {"name": "puzzle"})
        assert (renamed.status_code, renamed.json()["name"]) == (200, "puzzle")
        assert api.get(url).json() == renamed.json()
        assert api.get("/genres").json() == [renamed.json()]

        assert staff.delete(url).status_code == 204
        assert api.get(url).status_code == 404

    def test_genres_with_games_cannot_be_deleted(self, staff: APIClient) -> None:
        genre = GameFactory.create().genre

        response = staff.delete(f"/genres/{genre.pk}")

        assert response.status_code == 409
        assert response.json()["errors"][0]["code"] == "genre_in_use"
        assert Genre.objects.filter(pk=genre.pk).exists()

    def test_spaces_around_a_name_count_for_its_length(self, staff: APIClient) -> None:
        accepted = staff.post("/genres", {"name": " " * 50 + "a" * 50})
        refused = staff.post("/genres", {"name": " " * 51 + "a" * 50})

        assert (accepted.status_code, accepted.json()["name"]) == (201, "a" * 50)
        assert refused.status_code == 400
        assert [error["attr"] for error in refused.json()["errors"]] == ["name"]

    def test_patch_of_nothing_changes_nothing(self, staff: APIClient) -> None:
        genre = GenreFactory.create()

        assert staff.patch(f"/genres/{genre.pk}", {}).json() == {"id": genre.pk, "name": genre.name}


class TestGames:
    def test_games_are_created_read_changed_and_deleted(
        self, staff: APIClient, api: APIClient
    ) -> None:
        puzzle, sports = GenreFactory.create(name="Puzzle"), GenreFactory.create(name="Sports")

        created = staff.post("/games", {"name": "Tetris", "genre": puzzle.pk, "play_count": 9})
        assert created.status_code == 201
        assert created.json() == {
            "id": created.json()["id"],
            "name": "Tetris",
            "genre": {"id": puzzle.pk, "name": "Puzzle"},
            "released": None,
            "play_count": 0,
        }
        url = f"/games/{created.json()['id']}"
        assert created.headers["Location"] == f"http://testserver{url}"
        assert api.get(url).json() == created.json()

        changed = staff.patch(url, {"genre": sports.pk})
        assert changed.status_code == 200
        assert changed.json()["genre"] == {"id": sports.pk, "name": "Sports"}
        assert staff.patch(url, {"name": "Pong"}).json()["name"] == "Pong"
        assert api.get("/games?search=pong").json()[0]["name"] == "Pong"

        assert staff.delete(url).status_code == 204
        assert api.get(url).status_code == 404

    def test_that_were_played_cannot_be_deleted(self, staff: APIClient) -> None:
        game = GameFactory.create(play_count=1)

        response = staff.delete(f"/games/{game.pk}")

        assert response.status_code == 409
        assert response.json()["errors"][0]["code"] == "game_in_use"
        assert Game.objects.filter(pk=game.pk).exists()

    def test_games_keep_plays_counted_while_they_are_changed(
        self, staff: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        game = GameFactory.create(play_count=1)
        full_clean = Game.full_clean

        def played_meanwhile(self: Game, *args: Any, **kwargs: Any) -> None:
            full_clean(self, *args, **kwargs)
            Game.objects.update(play_count=2)

        monkeypatch.setattr(Game, "full_clean", played_meanwhile)

        assert staff.patch(f"/games/{game.pk}", {"name": "New"}).json()["play_count"] == 2


class TestNames:
    @pytest.mark.parametrize("name", ["Tetris", "TETRIS", "tetris", " Tetris ", "\uff34etris"])
    def test_names_are_unique_whatever_the_case(self, staff: APIClient, name: str) -> None:
        game = GameFactory.create(name="Tetris")

        response = staff.post("/games", {"name": name, "genre": game.genre.pk})

        assert response.status_code == 400
        assert response.json()["errors"] == [
            {"code": "taken_name", "detail": "There is a game of this name.", "attr": "name"}
        ]
        assert staff.post("/genres", {"name": game.genre.name.upper()}).json()["errors"] == [
            {"code": "taken_name", "detail": "There is a genre of this name.", "attr": "name"}
        ]

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            ("Assassin's Creed", "Assassin\u2019s Creed"),
            ("Assassin's Creed", "assassins creed"),
            ("Assassin's Creed", "Assassin\u02bcs Creed\u2122"),
            ("Assassin's Creed", "Assassin\u00b4s Creed"),
            ("Spider-Man", "spiderman"),
            ("Spider-Man", "Spider Man"),
            ("Spider-Man", "Spider\u2011Man"),
            ("Spider-Man", "Spider\u2013Man\u00ae"),
            ("Spider-Man", "Spider\u00adMan"),
            ("Half-Life: Alyx", "Half Life Alyx"),
            ("Half-Life: Alyx", "Half\u2212Life\uff1a Alyx"),
            ("Ms. Pac-Man", "Ms Pac Man"),
            ("No Man's Sky", "No  Mans\u00a0Sky"),
            ("Pok\u00e9mon", "Poke\u0301mon"),
            ("Pok\u00e9mon", "POKEMON"),
            ("\u014ckami", "Okami"),
            ("Sm\u00f8rrebr\u00f8d", "Smorrebrod"),
        ],
    )
    def test_names_are_unique_however_they_are_spelled(
        self, staff: APIClient, name: str, other: str
    ) -> None:
        game = GameFactory.create(name=name)
        GenreFactory.create(name=name)

        for response in (
            staff.post("/games", {"name": other, "genre": game.genre.pk}),
            staff.post("/genres", {"name": other}),
        ):
            assert response.status_code == 400
            assert [error["code"] for error in response.json()["errors"]] == ["taken_name"]

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            ("C", "C++"),
            ("\u30ab\u30fc\u30c9", "\u30ac\u30fc\u30c9"),
            ("Quake", "Quake 2"),
            ("...", "!"),
        ],
    )
    def test_names_may_differ_in_what_is_no_spelling(
        self, staff: APIClient, name: str, other: str
    ) -> None:
        game = GameFactory.create(name=name)

        assert staff.post("/games", {"name": other, "genre": game.genre.pk}).status_code == 201

    def test_names_are_unique_in_other_alphabets_too(self, staff: APIClient) -> None:
        genre = GenreFactory.create()
        assert staff.post("/games", {"name": "ŌKAMI", "genre": genre.pk}).status_code == 201

        response = staff.post("/games", {"name": "ōkami", "genre": genre.pk})

        assert response.status_code == 400

    def test_names_can_be_renamed_to_themselves_but_not_to_others(self, staff: APIClient) -> None:
        tetris, pong = GameFactory.create(name="Tetris"), GameFactory.create(name="Pong")

        assert staff.patch(f"/games/{tetris.pk}", {"name": "TETRIS"}).status_code == 200
        assert staff.patch(f"/games/{pong.pk}", {"name": "tetris"}).status_code == 400

    @pytest.mark.parametrize(
        "name",
        [
            *("", "   ", None, 5, 1.5, True, [], {}, "x" * 201, "a\nb", "a\u0007b", "ﷺ" * 200),
            *("\u200b", "\u3164 \u2800"),
        ],
        ids=repr,
    )
    def test_that_cannot_be_stored_are_refused(self, staff: APIClient, name: Any) -> None:
        genre = GenreFactory.create()

        for response in (
            staff.post("/games", {"name": name, "genre": genre.pk}),
            staff.post("/genres", {"name": name}),
            staff.patch(f"/genres/{genre.pk}", {"name": name}),
        ):
            assert response.status_code == 400
            assert [error["attr"] for error in response.json()["errors"]] == ["name"]
        assert not Game.objects.exists()

    def test_names_and_genres_that_are_wrong_are_named_at_once(self, staff: APIClient) -> None:
        response = staff.post("/games", {"genre": "x"})

        assert response.status_code == 400
        assert {error["attr"] for error in response.json()["errors"]} == {"name", "genre"}


class TestReleased:
    def test_released_tells_two_games_of_one_name_apart(
        self, staff: APIClient, api: APIClient
    ) -> None:
        genre = GenreFactory.create()
        doom = {"name": "Doom", "genre": genre.pk}

        for year in (1993, 2016, None):
            created = staff.post("/games", doom | {"released": year})
            assert (created.status_code, created.json()["released"]) == (201, year)
        assert [game["released"] for game in api.get("/games?search=doom").json()] == [
            *(1993, 2016, None)
        ]
        for again in ({}, {"released": None}, {"released": 2016}):
            response = staff.post("/games", doom | {"name": "DOOM"} | again)
            assert response.status_code == 400
            assert [(e["code"], e["attr"]) for e in response.json()["errors"]] == [
                ("taken_name", "name")
            ]

    def test_released_is_changed_and_taken_away(self, staff: APIClient) -> None:
        game = GameFactory.create(released=1993)
        url = f"/games/{game.pk}"

        assert staff.patch(url, {"released": 2016}).json()["released"] == 2016
        assert staff.patch(url, {"name": "Other"}).json()["released"] == 2016
        assert staff.patch(url, {"released": None}).json()["released"] is None

    def test_released_is_a_year_from_1900_to_next_year(self, staff: APIClient) -> None:
        game = GameFactory.create()
        next_year = timezone.now().year + 1

        for year in (1900, next_year):
            assert staff.patch(f"/games/{game.pk}", {"released": year}).status_code == 200
        wrong: list[Any] = [1899, next_year + 1, 0, -1, 2**62, "1993", 1993.5, True, [], {}, ""]
        for refused in wrong:
            response = staff.patch(f"/games/{game.pk}", {"released": refused})
            assert response.status_code == 400, refused
            assert [error["attr"] for error in response.json()["errors"]] == ["released"]


class TestGenreOfAGame:
    @pytest.mark.parametrize("genre", [0, -1, 4711, 2**63 - 1, "x", None, [], {}])
    def test_that_does_not_exist_is_refused(self, staff: APIClient, genre: Any) -> None:
        response = staff.post("/games", {"name": "Tetris", "genre": genre})

        assert response.status_code == 400
        assert [error["attr"] for error in response.json()["errors"]] == ["genre"]

    @pytest.mark.parametrize("number", [True, 1.5, "٣", "1_0", " 1"])
    def test_what_is_no_whole_number_is_nobodys_id(self, staff: APIClient, number: Any) -> None:
        for pk in (1, 3, 10):
            GenreFactory.create(pk=pk)

        response = staff.post("/games", {"name": "Tetris", "genre": number})

        assert response.status_code == 400
        assert response.json()["errors"] == [
            {
                "code": "invalid",
                "detail": f"An id is a whole number from 1 to {MAX_ID}.",
                "attr": "genre",
            }
        ]


@pytest.mark.parametrize("path", ["/games", "/genres"])
class TestWhoMayWrite:
    def test_nobody_is_asked_to_log_in(self, api: APIClient, path: str) -> None:
        for response in (
            api.post(path, {"name": "x"}),
            api.patch(f"{path}/1", {}),
            api.delete(f"{path}/1"),
        ):
            assert response.status_code == 401
            assert "Bearer" in response.headers["WWW-Authenticate"]

    def test_others_than_staff_are_refused(self, api_as: ApiAs, path: str) -> None:
        client = api_as(UserFactory.create())

        for response in (
            client.post(path, {"name": "x"}),
            client.patch(f"{path}/1", {}),
            client.delete(f"{path}/1"),
        ):
            assert response.status_code == 403

    def test_there_is_no_put(self, api: APIClient, path: str) -> None:
        assert api.put(f"{path}/1", {}).status_code == 405
        assert api.delete(path).status_code == 405
        assert "PATCH" in api.put(f"{path}/1", {}).headers["Allow"]

    @pytest.mark.parametrize(
        "pk", ["4711", "9223372036854775808", "9" * 3000, "abc", "-1", "٣", "%00"]
    )
    def test_what_is_unknown_is_404(self, staff: APIClient, path: str, pk: str) -> None:
        for response in (
            staff.get(f"{path}/{pk}"),
            staff.patch(f"{path}/{pk}", {"name": "x"}),
            staff.delete(f"{path}/{pk}"),
        ):
            assert response.status_code == 404
            assert response.json()["error"]
