"""Reading the catalogue over HTTP (requirement A6)."""

from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from games.models import DailyPlays, Game
from tests.factories import GameFactory, GenreFactory

pytestmark = pytest.mark.django_db


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [game["name"] for game in response.json()]


def followed(api: APIClient, url: str, relation: str = "next") -> list[list[str]]:
    """The names of each page, from `url` on."""
    pages = []
    while url:
        response = api.get(url)
        pages.append(names(response))
        links = response.headers.get("Link", "").split(", ")
        url = next((link.split(">")[0][1:] for link in links if f'rel="{relation}"' in link), "")
    return pages


class TestGames:
    def test_games_are_open_even_to_bad_credentials(self, api: APIClient) -> None:
        game = GameFactory.create()
        api.credentials(HTTP_AUTHORIZATION="Bearer nonsense")

        for path in ("/games", f"/games/{game.pk}", "/genres", f"/games/{game.pk}/plays"):
            assert api.get(path).status_code == 200
            assert api.head(path).status_code == 200
            assert api.options(path).status_code < 300

    def test_games_are_shown_with_genre_and_plays(self, api: APIClient) -> None:
        game = GameFactory.create(name="Tetris", genre__name="Puzzle", released=1985, play_count=3)

        expected = {
            "id": game.pk,
            "name": "Tetris",
            "genre": {"id": game.genre.pk, "name": "Puzzle"},
            "released": 1985,
            "play_count": 3,
        }

        assert api.get("/games").json() == [expected]
        assert api.get(f"/games/{game.pk}").json() == expected

    @pytest.mark.parametrize("rows", [1, 50])
    def test_games_cost_one_query_however_many(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
    ) -> None:
        GameFactory.create_batch(rows)

        for path in ("/games", "/genres", "/games?ordering=-play_count"):
            with django_assert_num_queries(1):
                assert len(api.get(path).json()) == rows


SPELLINGS = {
    "Assassin's Creed II": ["assassin\u2019s creed", "assassins creed", "ASSASSIN`S", "ii creed"],
    "No Man's Sky": ["no mans sky", "No Man\u2019s Sky", "nomanssky", "sky no"],
    "Marvel's Spider-Man": [
        "spiderman",
        "spider man",
        "Spider\u2011Man",
        "spider\u2013man",
        "man spider",
    ],
    "Half-Life": ["halflife", "half life", "half-life\u2122", "Half\u2212Life"],
    "Halo\u00ae: Combat Evolved": ["halo combat", "halo:", "halo \u00ae combat evolved"],
    "Pok\u00e9mon Red": ["pokemon", "POKE\u0301MON", "pok\u00e8mon red"],
    "Ms. Pac-Man": ["ms pacman", "ms. pac man", "mspacman"],
}


class TestFilters:
    @pytest.mark.parametrize(
        ("name", "search"), [(name, term) for name, terms in SPELLINGS.items() for term in terms]
    )
    def test_filters_find_a_game_however_it_is_spelled(
        self, api: APIClient, name: str, search: str
    ) -> None:
        for each in SPELLINGS:
            GameFactory.create(name=each)

        assert names(api.get("/games", {"search": search})) == [name]

    def test_filters_by_nothing_but_punctuation_are_no_filter(self, api: APIClient) -> None:
        GameFactory.create(name="Tetris")

        assert names(api.get("/games", {"search": "- \u2019 \u2122"})) == ["Tetris"]

    def test_filters_by_genre(self, api: APIClient) -> None:
        tetris = GameFactory.create(name="Tetris")
        GameFactory.create(name="Pong")

        assert names(api.get(f"/games?genre={tetris.genre.pk}")) == ["Tetris"]
        assert names(api.get("/games?genre=4711")) == []
        assert names(api.get("/games?genre=")) == ["Tetris", "Pong"]

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("pokemon", ["Pokémon Red", "Pokémon Blue"]),
            ("POKÉMON", ["Pokémon Red", "Pokémon Blue"]),
            ("blue poke", ["Pokémon Blue"]),
            ("ōKAMI", ["Ōkami"]),
            ("%", ["100% Orange Juice"]),
            ("_", []),
            ("\\", []),
            ("", ["Pokémon Red", "Pokémon Blue", "Ōkami", "100% Orange Juice"]),
            ("zelda", []),
        ],
    )
    def test_filters_by_words_whatever_case_and_accents(
        self, api: APIClient, search: str, found: list[str]
    ) -> None:
        for name in ("Pokémon Red", "Pokémon Blue", "Ōkami", "100% Orange Juice"):
            GameFactory.create(name=name)

        assert names(api.get("/games", {"search": search})) == found

    @pytest.mark.parametrize(
        "genre", ["abc", "1.0", "0", "-1", "9223372036854775808", "9" * 40, "\u0663"]
    )
    def test_that_are_no_ids_are_told_what_an_id_is(self, api: APIClient, genre: str) -> None:
        response = api.get("/games", {"genre": genre})

        assert response.status_code == 400
        assert response.json()["error"] == (
            "genre: An id is a whole number from 1 to 9223372036854775807."
        )

    @pytest.mark.parametrize(
        ("query", "attr"),
        [
            ("search=%00", "search"),
            ("search=Pok%E9mon", "search"),
            ("search=" + "a+" * 150, "search"),
            ("ordering=id", "ordering"),
            ("ordering=name,-name", "ordering"),
            ("ordering=genre__name", "ordering"),
            ("page_size=0", "page_size"),
            ("page_size=1001", "page_size"),
            ("page_size=x", "page_size"),
            ("cursor=x", "cursor"),
            ("cursor=", "cursor"),
        ],
    )
    def test_that_are_wrong_are_named(self, api: APIClient, query: str, attr: str) -> None:
        response = api.get(f"/games?{query}")

        assert response.status_code == 400
        assert [error["attr"] for error in response.json()["errors"]] == [attr]


class TestOrder:
    def games(self) -> None:
        for name, plays in [("banana", 5), ("Apple", 5), ("cherry", 9), ("Éclair", 0), ("date", 5)]:
            GameFactory.create(name=name, play_count=plays)

    @pytest.mark.parametrize(
        ("ordering", "expected"),
        [
            ("", ["banana", "Apple", "cherry", "Éclair", "date"]),
            ("name", ["Apple", "banana", "cherry", "date", "Éclair"]),
            ("-name", ["Éclair", "date", "cherry", "banana", "Apple"]),
            ("play_count", ["Éclair", "banana", "Apple", "date", "cherry"]),
            ("-play_count", ["cherry", "date", "Apple", "banana", "Éclair"]),
        ],
    )
    @pytest.mark.parametrize("page_size", [1, 2, 100])
    def test_order_holds_over_all_pages_in_both_directions(
        self, api: APIClient, ordering: str, expected: list[str], page_size: int
    ) -> None:
        self.games()
        url = f"/games?ordering={ordering}&page_size={page_size}"

        pages = followed(api, url)

        assert [name for page in pages for name in page] == expected
        last = [expected[-1]]
        response = api.get(url)
        while 'rel="next"' in response.headers.get("Link", ""):
            next_url = response.headers["Link"].split(">")[0][1:]
            response = api.get(next_url)
            last_url = next_url
        if page_size < 5:
            back = followed(api, last_url, "prev")
            assert [name for page in reversed(back) for name in page] == expected
            assert names(response) == (last if page_size < 5 else expected)

    def test_order_keeps_its_place_when_rows_come_and_go(self, api: APIClient) -> None:
        self.games()
        first = api.get("/games?ordering=name&page_size=2")
        GameFactory.create(name="aardvark")
        Game.objects.filter(name="banana").delete()

        [second, *_] = followed(api, first.headers["Link"].split(">")[0][1:])

        assert second == ["cherry", "date"]

    def test_order_refuses_the_cursor_of_another_order(self, api: APIClient) -> None:
        self.games()
        link = api.get("/games?ordering=name&page_size=2").headers["Link"]
        url = link.split(">")[0][1:].replace("ordering=name", "ordering=play_count")

        assert api.get(url).status_code == 400


class TestPlays:
    def figures(self) -> Game:
        game: Game = GameFactory.create(play_count=6)
        for day, plays in [(1, 1), (2, 2), (4, 3)]:
            DailyPlays.objects.create(game=game, date=date(2026, 3, day), plays=plays)
        DailyPlays.objects.create(game=GameFactory.create(), date=date(2026, 3, 2), plays=99)
        return game

    @pytest.mark.parametrize(
        ("query", "days"),
        [
            ("", [1, 2, 4]),
            ("?start=2026-03-02", [2, 4]),
            ("?end=2026-03-02", [1, 2]),
            ("?start=2026-03-02&end=2026-03-03", [2]),
            ("?start=2026-03-02&end=2026-03-02", [2]),
            ("?start=&end=", [1, 2, 4]),
            ("?start=0001-01-01&end=9999-12-31", [1, 2, 4]),
            ("?start=2030-01-01", []),
        ],
    )
    def test_plays_are_listed_by_day(self, api: APIClient, query: str, days: list[int]) -> None:
        game = self.figures()

        response = api.get(f"/games/{game.pk}/plays{query}")

        figures = {1: 1, 2: 2, 4: 3}
        assert response.json() == [
            {"date": f"2026-03-0{day}", "plays": figures[day]} for day in days
        ]

    @pytest.mark.parametrize("name", ["start", "end"])
    @pytest.mark.parametrize(
        "day",
        [
            "2023-02-30",
            "2023-13-45",
            "20230101",
            "2023-W01-1",
            "2023-1-1",
            "x",
            "0000-01-01",
            "\u0662\u0660\u0662\u0663-\u0660\u0661-\u0660\u0661",
            "2023-01-01T00:00:00",
            "10000-01-01",
            "\0",
        ],
    )
    def test_plays_name_a_bad_date(self, api: APIClient, name: str, day: str) -> None:
        game = self.figures()

        response = api.get(f"/games/{game.pk}/plays", {name: day})

        assert response.status_code == 400
        assert [error["attr"] for error in response.json()["errors"]] == [name]
        assert "YYYY-MM-DD" in response.json()["error"]

    def test_plays_refuse_a_start_after_the_end(self, api: APIClient) -> None:
        game = self.figures()

        response = api.get(f"/games/{game.pk}/plays?start=2026-03-02&end=2026-03-01")

        assert response.status_code == 400
        assert "must not be after end" in response.json()["error"]

    def test_plays_of_an_unknown_game_are_404(self, api: APIClient) -> None:
        assert api.get("/games/4711/plays").status_code == 404

    @pytest.mark.parametrize("rows", [1, 50])
    def test_plays_cost_two_queries_however_many(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries, rows: int
    ) -> None:
        game = GameFactory.create()
        for number in range(rows):
            DailyPlays.objects.create(
                game=game, date=date.fromordinal(date(2026, 1, 1).toordinal() + number), plays=1
            )

        with django_assert_num_queries(2):
            assert len(api.get(f"/games/{game.pk}/plays").json()) == rows


class TestEntityTags:
    @pytest.fixture
    def game(self) -> Game:
        game: Game = GameFactory.create()
        DailyPlays.objects.create(game=game, date=date(2026, 3, 1), plays=1)
        return game

    @pytest.fixture(params=["/games", "/games/{}", "/games/{}/plays", "/genres", "/genres/{}"])
    def path(self, request: pytest.FixtureRequest, game: Game) -> str:
        genre = "genres" in request.param
        return str(request.param).format(game.genre.pk if genre else game.pk)

    def test_entity_tags_answer_304_while_nothing_changed(self, api: APIClient, path: str) -> None:
        first = api.get(path)
        tag = first.headers["ETag"]

        for method in (api.get, api.head):
            for sent in (tag, f'"other", {tag}', "*", f"W/{tag}"):
                again = method(path, headers={"If-None-Match": sent})
                assert again.status_code == 304
                assert again.content == b""
                assert again.headers["ETag"] == tag
            assert method(path).headers["ETag"] == tag
            assert method(path, headers={"If-None-Match": '"other"'}).status_code == 200

    def test_entity_tags_change_with_the_answer(self, api: APIClient, game: Game) -> None:
        before = {path: api.get(path).headers["ETag"] for path in ("/games", f"/games/{game.pk}")}
        Game.objects.update(play_count=1)

        for path, tag in before.items():
            response = api.get(path, headers={"If-None-Match": tag})
            assert response.status_code == 200
            assert response.headers["ETag"] != tag

    def test_entity_tags_change_when_another_page_follows(self, api: APIClient, game: Game) -> None:
        tag = api.get("/games?page_size=1").headers["ETag"]
        GameFactory.create()

        response = api.get("/games?page_size=1", headers={"If-None-Match": tag})

        assert response.status_code == 200
        assert 'rel="next"' in response.headers["Link"]

    def test_entity_tags_are_not_on_errors(self, api: APIClient) -> None:
        assert "ETag" not in api.get("/games/4711").headers
        assert api.get("/games/4711", headers={"If-None-Match": "*"}).status_code == 404


def test_genres_are_paged(api: APIClient) -> None:
    GenreFactory.create_batch(5)

    pages = followed(api, "/genres?page_size=2")

    assert [len(page) for page in pages] == [2, 2, 1]
