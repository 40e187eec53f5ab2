"""Answers kept encoded are never older than the newest commit."""

from collections.abc import Callable
from functools import partial
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from api import response_cache as kept_answers
from games.models import Game
from tests.conftest import ApiAs
from tests.factories import GameFactory, StaffFactory, UserFactory
from users.models import Session, User

# Inside a test's transaction nothing is kept.
pytestmark = pytest.mark.django_db(transaction=True)


def in_another_connection(write: Callable[[], object]) -> None:
    def run() -> None:
        try:
            write()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def fewest_queries(client: APIClient, path: str) -> int:
    """Of several tries: on PostgreSQL whatever else the server does is a change."""
    counts = []
    for _ in range(10):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    return min(counts)


@pytest.fixture
def game() -> Game:
    return GameFactory.create(name="Tetris")


class TestAKeptAnswer:
    def test_is_the_first_one_without_its_queries(self, api: APIClient, game: Game) -> None:
        for path in (f"/games/{game.pk}", "/games?page_size=1", "/genres", "/games?search=TETRIS"):
            GameFactory.create()
            first = api.get(path)

            # PostgreSQL is asked what it sees; SQLite without a query.
            assert fewest_queries(api, path) == (connection.vendor == "postgresql")
            again = api.get(path)
            assert again.status_code == 200
            assert again.content == first.content
            ignored = {"X-Request-ID"}
            assert {k: v for k, v in again.items() if k not in ignored} == {
                k: v for k, v in first.items() if k not in ignored
            }
            tag = first.headers["ETag"]
            assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
            assert api.head(path).headers["ETag"] == tag

    def test_is_given_up_when_this_connection_writes(self, api: APIClient, game: Game) -> None:
        path = f"/games/{game.pk}"
        assert api.get(path).json()["play_count"] == 0

        Game.objects.update(play_count=1)

        assert api.get(path).json()["play_count"] == 1

    def test_is_given_up_when_another_connection_writes(self, api: APIClient, game: Game) -> None:
        path = f"/games/{game.pk}"
        for count in (1, 2, 3):
            in_another_connection(partial(Game.objects.update, play_count=count))

            assert api.get(path).json()["play_count"] == count

        in_another_connection(Game.objects.all().delete)
        assert api.get(path).status_code == 404

    def test_is_not_made_of_what_is_not_committed(self, api: APIClient, game: Game) -> None:
        path = f"/games/{game.pk}"
        api.get(path)

        with transaction.atomic():
            Game.objects.update(play_count=1)
            assert api.get(path).json()["play_count"] == 1
            transaction.set_rollback(True)

        assert api.get(path).json()["play_count"] == 0

    def test_is_never_older_than_a_commit_while_it_was_made(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = f"/games/{game.pk}"
        keep = kept_answers.Place.keep

        def written_meanwhile(place: kept_answers.Place, response: object) -> None:
            in_another_connection(lambda: Game.objects.update(play_count=1))
            keep(place, response)  # type: ignore[arg-type]  # a response

        monkeypatch.setattr(kept_answers.Place, "keep", written_meanwhile)
        assert api.get(path).json()["play_count"] == 0

        assert api.get(path).json()["play_count"] == 1

    def test_is_shared_by_the_threads_of_a_process(self, api: APIClient, game: Game) -> None:
        path = f"/games/{game.pk}"
        counts: list[int] = []

        def ask_twice() -> None:
            counts.extend(api.get(path).json()["play_count"] for _ in range(2))

        in_another_connection(ask_twice)
        ask_twice()
        in_another_connection(lambda: Game.objects.update(play_count=1))
        in_another_connection(ask_twice)
        ask_twice()

        assert counts == [0, 0, 0, 0, 1, 1, 1, 1]

    def test_is_fresh_for_many_readers_beside_a_writer(self, api: APIClient, game: Game) -> None:
        """Whoever asks after a commit is told of it, in whichever thread."""
        path = f"/games/{game.pk}"
        committed = 0
        stale: list[tuple[int, int]] = []
        done = Event()

        def read() -> None:
            while not done.is_set():
                least = committed
                shown = api.get(path).json()["play_count"]
                if shown < least:
                    stale.append((least, shown))
            connection.close()

        readers = [Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for count in range(1, 150):
            Game.objects.update(play_count=count)
            committed = count
        done.set()
        for reader in readers:
            reader.join()

        assert not stale

    def test_differs_by_host_query_and_accepted_type(self, api: APIClient, game: Game) -> None:
        GameFactory.create()
        api.get("/games?page_size=1")

        assert "//localhost/" in api.get("/games?page_size=1", SERVER_NAME="localhost")["Link"]
        assert len(api.get("/games?page_size=2").json()) == 2
        assert api.get("/games?page_size=1", headers={"Accept": "text/csv"}).status_code == 406

    def test_is_not_kept_when_it_is_large(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kept_answers, "MAX_RESPONSE_BYTES", 10)
        path = f"/games/{game.pk}"

        assert api.get(path).content == api.get(path).content

        assert not kept_answers._shelf

    def test_has_a_limited_space(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(kept_answers, "MAX_CACHE_BYTES", 400)

        for page_size in range(1, 20):
            assert api.get(f"/games?page_size={page_size}").status_code == 200

        assert 0 < len(kept_answers._shelf) < 10


class TestAnAnswerKeptForAViewer:
    def test_is_never_another_viewers(self, api_as: ApiAs) -> None:
        ada, bob = UserFactory.create(), UserFactory.create()
        for _ in range(2):
            for viewer in (ada, bob):
                assert api_as(viewer).get("/users/me").json()["id"] == viewer.pk
        one = api_as(ada)
        other = api_as(bob)

        for _ in range(2):
            assert one.get("/users/me").json()["id"] == ada.pk
            assert other.get("/users/me").json()["id"] == bob.pk
            assert "email" in one.get(f"/users/{ada.pk}").json()
            assert "email" not in other.get(f"/users/{ada.pk}").json()

    def test_costs_the_look_up_of_the_session_alone(self, api_as: ApiAs) -> None:
        client = api_as(StaffFactory.create())
        for path in ("/users/me", "/users/lastplayed"):
            first = client.get(path)

            assert fewest_queries(client, path) <= 1 + (connection.vendor == "postgresql")
            again = client.get(path)
            assert again.content == first.content
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-store"
            assert again.headers["Allow"] == first.headers["Allow"]

    def test_goes_with_the_session_and_the_rights(self, api_as: ApiAs) -> None:
        staff = StaffFactory.create()
        client = api_as(staff)
        for _ in range(2):
            assert client.get("/users/lastplayed").status_code == 200

        User.objects.update(is_staff=False)
        assert client.get("/users/lastplayed").status_code == 403

        Session.objects.all().delete()
        assert client.get("/users/me").status_code == 401

    def test_shows_a_change_at_once(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")

        client.patch("/users/me", {"first_name": "Ada"})

        assert client.get("/users/me").json()["first_name"] == "Ada"
