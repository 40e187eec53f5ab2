"""The catalogue and the plays in the admin."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from games.models import Game, Genre
from playsessions.models import PlaySession
from tests.factories import GameFactory, GenreFactory, PlaySessionFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(StaffFactory.create(is_superuser=True))
    return client


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


class TestLists:
    @pytest.mark.parametrize("model", ["games_genre", "games_game", "playsessions_playsession"])
    def test_lists_cost_the_same_queries_however_many_rows(self, admin: Client, model: str) -> None:
        url = reverse(f"admin:{model}_changelist")
        PlaySessionFactory.create()
        queries_of(admin, url)
        few = queries_of(admin, url)
        PlaySessionFactory.create_batch(30)

        assert queries_of(admin, url) == few

    def test_lists_find_games_whatever_case_and_accents(self, admin: Client) -> None:
        GameFactory.create(name="Pokémon Red")
        GameFactory.create(name="Pong")

        page = admin.get(reverse("admin:games_game_changelist"), {"q": "POKE"}).content.decode()

        assert "Pokémon Red" in page
        assert "Pong" not in page

    def test_lists_find_games_by_genre_from_the_list_of_genres(self, admin: Client) -> None:
        game = GameFactory.create(name="Tetris")
        GameFactory.create(name="Pong")
        genres = admin.get(reverse("admin:games_genre_changelist"), {"q": game.genre.name})
        url = f"{reverse('admin:games_game_changelist')}?genre={game.genre.pk}"
        assert url in genres.content.decode()

        page = admin.get(url, follow=True).content.decode()

        assert "Tetris" in page
        assert ">Pong<" not in page


class TestEditing:
    def test_editing_renames_a_game_with_all_that_follows_from_it(self, admin: Client) -> None:
        game = GameFactory.create(name="Pong", play_count=3)
        url = reverse("admin:games_game_change", args=[game.pk])

        response = admin.post(url, {"name": "Pokémon", "genre": game.genre.pk})

        assert response.status_code == 302, response.content.decode()
        game.refresh_from_db()
        assert (game.name, game.name_casefolded, game.name_key) == ("Pokémon", "pokémon", "pokemon")
        assert game.play_count == 3

    @pytest.mark.parametrize("name", ["TETRIS", " ", "a\u0007b"])
    def test_editing_refuses_the_names_that_the_api_refuses(self, admin: Client, name: str) -> None:
        tetris = GameFactory.create(name="Tetris")

        response = admin.post(
            reverse("admin:games_game_add"), {"name": name, "genre": tetris.genre.pk}
        )

        assert response.status_code == 200
        assert Game.objects.count() == 1
        assert response.context["adminform"].form.errors["name"]

    @pytest.mark.parametrize("model", ["games_game", "games_genre"])
    @pytest.mark.parametrize("name", ["", "x" * 300])
    def test_editing_says_what_is_wrong_with_a_name_and_nothing_else(
        self, admin: Client, model: str, name: str
    ) -> None:
        response = admin.post(
            reverse(f"admin:{model}_add"), {"name": name, "genre": GenreFactory.create().pk}
        )

        assert set(response.context["adminform"].form.errors) == {"name"}

    @pytest.mark.parametrize("genre", ["abc", "9" * 30, "1.5", "\0"])
    def test_editing_says_that_there_is_no_such_genre(self, admin: Client, genre: str) -> None:
        url = reverse("admin:games_game_add")

        response = admin.post(url, {"name": "Tetris", "genre": genre})

        assert set(response.context["adminform"].form.errors) == {"genre"}
        assert admin.get(url, {"genre": genre}).status_code == 200

    def test_editing_refuses_a_taken_genre(self, admin: Client) -> None:
        GenreFactory.create(name="Puzzle")

        admin.post(reverse("admin:games_genre_add"), {"name": "PUZZLE"})
        assert Genre.objects.count() == 1

        admin.post(reverse("admin:games_genre_add"), {"name": "Sports"})
        assert Genre.objects.count() == 2

    def test_editing_deletes_a_game_only_when_it_was_never_played(self, admin: Client) -> None:
        played, fresh = GameFactory.create(play_count=1), GameFactory.create()

        for game in (played, fresh):
            admin.post(reverse("admin:games_game_delete", args=[game.pk]), {"post": "yes"})
        assert list(Game.objects.all()) == [played]

        admin.post(
            reverse("admin:games_game_changelist"),
            {"action": "delete_selected", "_selected_action": [played.pk], "post": "yes"},
        )
        assert list(Game.objects.all()) == [played]

    def test_editing_deletes_a_genre_only_without_games(self, admin: Client) -> None:
        genre = GameFactory.create().genre

        admin.post(reverse("admin:games_genre_delete", args=[genre.pk]), {"post": "yes"})

        assert Genre.objects.filter(pk=genre.pk).exists()


class TestPlaySessions:
    url = "/admin/playsessions/playsession/"

    def test_play_sessions_are_to_look_at(self, admin: Client) -> None:
        play = PlaySessionFactory.create()

        assert admin.get(f"{self.url}{play.pk}/change/").status_code == 200
        assert admin.get(f"{self.url}add/").status_code == 403
        assert admin.post(f"{self.url}{play.pk}/delete/", {"post": "yes"}).status_code == 403
        assert PlaySession.objects.exists()

    def test_play_sessions_are_found_by_player_and_by_game(self, admin: Client) -> None:
        user = UserFactory.create(username="Ada", email="countess@example.org")
        by_user = PlaySessionFactory.create(user=user)
        by_game = PlaySessionFactory.create(game__name="Pokémon Red")
        PlaySessionFactory.create()

        def found(query: str) -> set[int]:
            page = admin.get(f"{self.url}?{query}")
            assert page.status_code == 200
            return {play.pk for play in page.context["cl"].result_list}

        assert found("q=ada") == found("q=countess") == {by_user.pk}
        assert found("q=pokemon") == {by_game.pk}
        assert found("q=nothing+like+it") == set()
        assert found(f"user={user.pk}") == {by_user.pk}
        assert found(f"game={by_game.game.pk}") == {by_game.pk}
        assert len(found("")) == 3

    def test_play_sessions_are_never_counted_in_full(
        self, admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.admin.base.COUNTED_ROWS", 2)
        PlaySessionFactory.create_batch(3)

        with CaptureQueriesContext(connection) as queries:
            page = admin.get(self.url)

        assert page.context["cl"].result_count == 2
        counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
        assert counts
        assert all("LIMIT 2" in sql for sql in counts)


def test_a_user_with_plays_can_be_deleted(admin: Client) -> None:
    play = PlaySessionFactory.create()

    response = admin.post(reverse("admin:users_user_delete", args=[play.user.pk]), {"post": "yes"})

    assert response.status_code == 302
    assert not PlaySession.objects.exists()
