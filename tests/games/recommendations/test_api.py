"""Similar and recommended games over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from games.models import Game, PlayedGame, RecommendedGames, SimilarGames
from playsessions.services import record_play
from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, UserFactory
from users.models import User
from users.profiles.services import delete_user

pytestmark = pytest.mark.django_db


def play(user: User, *games: Game, days_ago: float = 0) -> None:
    for game in games:
        record_play(user=user, game_id=game.pk, now=timezone.now() - timedelta(days=days_ago))


def build() -> None:
    call_command("build_recommendations")


def recommended(client: APIClient, query: str = "") -> list[tuple[str, int | None]]:
    response = client.get(f"/games/recommended{query}")
    assert response.status_code == 200, response.content
    return [(game["name"], game["because"]) for game in response.json()]


@pytest.fixture
def games() -> dict[str, Game]:
    names = ("chess", "go", "shogi", "doom", "quake", "tetris")
    return {name: GameFactory.create(name=name) for name in names}


@pytest.fixture
def players(games: dict[str, Game]) -> list[User]:
    """Some who play on boards, some who shoot, and some who play everything."""
    histories = [*[("chess", "go", "shogi")] * 3, *[("doom", "quake")] * 3, ("chess", "doom")]
    users = UserFactory.create_batch(len(histories))
    for user, history in zip(users, histories, strict=True):
        play(user, *(games[name] for name in history), days_ago=30)
    return users


@pytest.mark.usefixtures("players")
class TestSimilar:
    def test_similar_are_games_that_the_same_people_play_nearest_first(
        self, api: APIClient, games: dict[str, Game]
    ) -> None:
        build()

        similar = api.get(f"/games/{games['chess'].pk}/similar").json()

        assert {game["name"] for game in similar[:2]} == {"go", "shogi"}
        assert [game["name"] for game in similar[2:]] == ["doom"]
        assert similar[0] == api.get(f"/games/{similar[0]['id']}").json()

    def test_similar_are_none_before_the_first_build_or_without_players(
        self, api: APIClient, games: dict[str, Game]
    ) -> None:
        assert api.get(f"/games/{games['chess'].pk}/similar").json() == []
        build()
        assert api.get(f"/games/{games['tetris'].pk}/similar").json() == []

    @pytest.mark.parametrize("pk", [4711, 2**63, "x"])
    def test_similar_to_an_unknown_game_are_404(self, api: APIClient, pk: Any) -> None:
        assert api.get(f"/games/{pk}/similar").status_code == 404

    def test_similar_are_paged(
        self,
        api: APIClient,
        games: dict[str, Game],
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        build()
        url = f"/games/{games['chess'].pk}/similar"
        everything = api.get(url).json()

        with django_assert_num_queries(3):
            first = api.get(f"{url}?page_size=2")
        second = api.get(first.headers["Link"].split(">")[0][1:])

        assert first.json() + second.json() == everything

    def test_that_were_deleted_are_skipped(self, api: APIClient, games: dict[str, Game]) -> None:
        SimilarGames.objects.create(
            game=games["chess"], neighbours=[[games["tetris"].pk, 1], [games["go"].pk, 0.5]]
        )
        games["tetris"].delete()

        similar = api.get(f"/games/{games['chess'].pk}/similar").json()

        assert [game["name"] for game in similar] == ["go"]


@pytest.mark.usefixtures("players")
class TestRecommended:
    def test_recommended_come_from_what_one_played_and_name_the_reason(
        self, api_as: ApiAs, games: dict[str, Game]
    ) -> None:
        user = UserFactory.create()
        play(user, games["quake"], days_ago=20)
        build()

        found = recommended(api_as(user))

        assert found[0] == ("doom", games["quake"].pk)
        assert "quake" not in dict(found)

    def test_recommended_know_a_play_of_this_moment(
        self, api_as: ApiAs, games: dict[str, Game]
    ) -> None:
        build()
        user = UserFactory.create()
        client = api_as(user)
        assert recommended(client) == []

        play(user, games["go"], days_ago=10)

        found = recommended(client)
        assert {name for name, because in found if because == games["go"].pk} == {"chess", "shogi"}
        play(user, games["chess"], days_ago=10)
        assert "chess" not in dict(recommended(client))
        assert dict(recommended(client))["doom"] == games["chess"].pk

    def test_recommended_of_one_person_are_stored_after_a_play_and_read_afterwards(
        self,
        api_as: ApiAs,
        games: dict[str, Game],
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        build()
        user = UserFactory.create()
        client = api_as(user)
        play(user, games["go"], days_ago=10)

        recommended(client)

        assert RecommendedGames.objects.get(user=user).played_count == 1
        # Session and user (not with Redis), what is stored, and to fill it up history and
        # trending, then the games.
        with django_assert_max_num_queries(5):
            recommended(client)

    def test_recommended_are_filled_up_with_what_is_trending(
        self, api_as: ApiAs, games: dict[str, Game]
    ) -> None:
        user = UserFactory.create()
        play(user, games["go"], days_ago=10)
        build()
        play(UserFactory.create(), games["tetris"], games["chess"], games["go"])

        found = recommended(api_as(user))

        assert found[-1] == ("tetris", None)
        assert [name for name, _ in found].count("chess") == 1
        assert "go" not in dict(found)

    def test_recommended_without_history_are_the_trending_ones(
        self, api: APIClient, api_as: ApiAs, games: dict[str, Game]
    ) -> None:
        build()
        for name, plays in (("tetris", 3), ("doom", 2), ("go", 1)):
            play(UserFactory.create(), *[games[name]] * plays)
        client = api_as(UserFactory.create())

        assert recommended(client) == [("tetris", None), ("doom", None), ("go", None)]

    @pytest.mark.parametrize("by", ["id", "name"])
    @pytest.mark.parametrize("as_list", [True, False])
    def test_recommended_without_history_begin_with_the_genres_one_chose(
        self, api_as: ApiAs, games: dict[str, Game], by: str, as_list: bool
    ) -> None:
        genre = GenreFactory.create(name="Hack & Slash")
        old = GameFactory.create(name="old", genre=genre, play_count=5)
        GameFactory.create(name="new", genre=genre)
        fresh = GameFactory.create(name="fresh", genre=genre)
        play(UserFactory.create(), *[games["tetris"]] * 3, fresh)
        chosen: Any = genre.pk if by == "id" else "HACK & SLASH"
        user = UserFactory.create(data={"genres": [chosen, "unknown"] if as_list else chosen})

        found = recommended(api_as(user))

        assert found[:2] == [("fresh", None), (old.name, None)]
        assert found[2:] == [("new", None), ("tetris", None)]

    @pytest.mark.parametrize(
        "genres", [None, [], {}, "", True, [None, 1.5, [], {}], 10**18, "\u2122", ["x"] * 1000]
    )
    def test_recommended_ignore_genres_that_are_none(
        self, api_as: ApiAs, games: dict[str, Game], genres: Any
    ) -> None:
        play(UserFactory.create(), games["tetris"])
        user = UserFactory.create(data={"genres": genres})

        assert recommended(api_as(user)) == [("tetris", None)]

    def test_recommended_are_at_most_a_hundred_and_paged(self, api_as: ApiAs) -> None:
        many = GameFactory.create_batch(120)
        play(UserFactory.create(), *many)
        client = api_as(UserFactory.create())
        everything = recommended(client)
        assert len(everything) == 100

        pages: list[Any] = []
        query = "?page_size=30"
        while query:
            response = client.get(f"/games/recommended{query}")
            pages += [(game["name"], game["because"]) for game in response.json()]
            link = response.headers.get("Link", "")
            query = "?" + link.split(">")[0].split("?")[1] if 'rel="next"' in link else ""

        assert pages == everything

    def test_recommended_and_what_was_played_go_with_the_account(
        self, api_as: ApiAs, games: dict[str, Game], players: list[User]
    ) -> None:
        build()
        user = players[0]
        assert RecommendedGames.objects.filter(user=user).exists()
        pk = user.pk

        delete_user(user=user)

        assert not RecommendedGames.objects.filter(user=pk).exists()
        assert not PlayedGame.objects.filter(user=pk).exists()
