"""Cached responses are never older than the newest commit, nor than the clock."""

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory

from api import response_cache
from api.response_cache import Freshness, cache_response
from api.views import ApiView
from core.dates import next_day
from games.models import Game
from tests.concurrency import wait_until
from tests.conftest import ApiAs
from tests.factories import GameFactory, StaffFactory, UserFactory
from users.models import Session, User

# Inside a test's transaction nothing is cached.
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


def is_sent_from_the_cache(client: APIClient, path: str) -> bool:
    """Sooner or later: on PostgreSQL a commit in any other database of the server is a change."""

    def needs_no_query_but_for_the_version() -> bool:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        # PostgreSQL is asked for its version by a query, SQLite without one.
        return len(queries) == (connection.vendor == "postgresql")

    return wait_until(needs_no_query_but_for_the_version)


def without_request_id(response: HttpResponseBase) -> dict[str, str]:
    return {name: value for name, value in response.items() if name != "X-Request-ID"}


@pytest.fixture
def game() -> Game:
    return GameFactory.create(name="Tetris")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Ids start again with each test, and so do paths."""
    response_cache._cache._entries.clear()
    response_cache._cache._bytes = 0


class TestACachedResponse:
    def test_a_cached_response_equals_the_first_one_and_needs_no_query(
        self, api: APIClient, game: Game
    ) -> None:
        for path in (f"/games/{game.pk}", "/games?page_size=1", "/genres", "/games?search=TETRIS"):
            GameFactory.create()
            first = api.get(path)

            assert is_sent_from_the_cache(api, path)
            again = api.get(path)
            assert again.status_code == 200
            assert again.content == first.content
            assert without_request_id(again) == without_request_id(first)
            tag = first.headers["ETag"]
            not_modified = api.get(path, headers={"If-None-Match": tag})
            assert not_modified.status_code == 304
            assert isinstance(not_modified, HttpResponseNotModified)
            assert not_modified.headers["API-Version"] == first.headers["API-Version"]
            assert not_modified.headers["X-Content-Type-Options"] == "nosniff"
            assert api.head(path).headers["ETag"] == tag

    def test_a_cached_response_is_not_sent_after_a_write_of_this_connection(
        self, api: APIClient, game: Game
    ) -> None:
        path = f"/games/{game.pk}"
        assert api.get(path).json()["play_count"] == 0

        Game.objects.update(play_count=1)

        assert api.get(path).json()["play_count"] == 1

    def test_a_cached_response_is_not_sent_after_a_write_of_another_connection(
        self, api: APIClient, game: Game
    ) -> None:
        paths = (f"/games/{game.pk}", "/games")
        for count in (1, 2, 3):
            in_another_connection(partial(Game.objects.update, play_count=count))

            one, several = (api.get(path).json() for path in paths)
            assert one["play_count"] == several[0]["play_count"] == count

        in_another_connection(Game.objects.all().delete)
        assert api.get(paths[0]).status_code == 404
        assert api.get(paths[1]).json() == []

    def test_a_cached_response_of_a_game_survives_commits_that_change_something_else(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = f"/games/{game.pk}"
        first = api.get(path)
        in_another_connection(GameFactory.create)
        monkeypatch.setattr("games.views.GameViewSet.get_object", None)  # must not be asked

        assert api.get(path).content == first.content

    def test_a_cached_response_of_a_game_shows_another_name_of_its_genre(
        self, api: APIClient, game: Game
    ) -> None:
        path = f"/games/{game.pk}"
        api.get(path)

        game.genre.name = "Other"
        in_another_connection(game.genre.save)

        assert api.get(path).json()["genre"]["name"] == "Other"

    def test_a_cached_response_is_not_made_of_uncommitted_changes(
        self, api: APIClient, game: Game
    ) -> None:
        path = f"/games/{game.pk}"
        api.get(path)

        with transaction.atomic():
            Game.objects.update(play_count=1)
            assert api.get(path).json()["play_count"] == 1
            transaction.set_rollback(True)

        assert api.get(path).json()["play_count"] == 0

    @pytest.mark.parametrize("path", ["/games/{}", "/games"])
    def test_made_before_a_commit_and_stored_after_it_is_not_sent(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        path = path.format(game.pk)
        store = response_cache._cache.set

        def store_after_a_commit(*entry: object) -> None:
            in_another_connection(lambda: Game.objects.update(play_count=1))
            store(*entry)  # type: ignore[arg-type]  # handed on

        monkeypatch.setattr(response_cache._cache, "set", store_after_a_commit)
        assert b'"play_count":0' in api.get(path).content

        assert b'"play_count":1' in api.get(path).content

    def test_a_cached_response_is_shared_by_the_threads_of_a_process(
        self, api: APIClient, game: Game
    ) -> None:
        path = f"/games/{game.pk}"
        counts: list[int] = []

        def get_twice() -> None:
            counts.extend(api.get(path).json()["play_count"] for _ in range(2))

        in_another_connection(get_twice)
        get_twice()
        in_another_connection(lambda: Game.objects.update(play_count=1))
        in_another_connection(get_twice)
        get_twice()

        assert counts == [0, 0, 0, 0, 1, 1, 1, 1]

    def test_a_cached_response_differs_by_host_query_and_accepted_type(
        self, api: APIClient, game: Game
    ) -> None:
        GameFactory.create()
        api.get("/games?page_size=1")

        assert "//localhost/" in api.get("/games?page_size=1", SERVER_NAME="localhost")["Link"]
        assert len(api.get("/games?page_size=2").json()) == 2
        assert api.get("/games?page_size=1", headers={"Accept": "text/csv"}).status_code == 406

    def test_a_cached_response_does_not_hide_a_request_that_is_rejected(
        self, api: APIClient, game: Game
    ) -> None:
        api.get("/games")

        assert api.get("/games", headers={"Transfer-Encoding": "chunked"}).status_code == 411
        assert api.get("/games", CONTENT_LENGTH="many").status_code == 400
        assert api.get("/games", SERVER_NAME="evil.example").status_code == 400

    def test_a_cached_response_is_not_stored_when_it_is_large(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(response_cache, "MAX_RESPONSE_BYTES", 10)
        path = f"/games/{game.pk}"

        assert api.get(path).content == api.get(path).content

        assert not response_cache._cache

    def test_a_cached_response_takes_the_place_of_the_oldest_when_the_cache_is_full(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(response_cache, "MAX_CACHE_BYTES", 20_000)

        for page_size in range(1, 20):
            assert api.get(f"/games?page_size={page_size}").status_code == 200

        assert 0 < len(response_cache._cache) < 10
        assert response_cache._cache._bytes <= 20_000
        assert is_sent_from_the_cache(api, "/games?page_size=19")

    def test_many_small_responses_take_no_more_memory_than_the_limit(
        self, api: APIClient, game: Game, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limit, responses = 200_000, 150
        monkeypatch.setattr(response_cache, "MAX_CACHE_BYTES", limit)

        tracemalloc.start()
        for number in range(responses):
            assert api.get(f"/games/{game.pk}?number={number}").status_code == 200
        with_entries, _ = tracemalloc.get_traced_memory()
        entries = len(response_cache._cache)
        response_cache._cache._entries.clear()
        without, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert 20 < entries < responses
        assert with_entries - without < limit


class TestAResponseCachedForAUser:
    def test_a_response_cached_for_a_user_is_never_another_users(self, api_as: ApiAs) -> None:
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

    def test_a_response_cached_for_a_user_needs_no_query(
        self, api: APIClient, api_as: ApiAs
    ) -> None:
        client = api_as(StaffFactory.create())
        for path in ("/users/me", "/users/lastplayed"):
            first = client.get(path)

            assert is_sent_from_the_cache(client, path)
            again = client.get(path)
            assert again.content == first.content
            assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-store"
            assert again.headers["Allow"] == first.headers["Allow"]
            assert api.get(path).status_code == 401

    def test_a_response_cached_for_a_user_is_not_sent_without_the_session_or_the_rights(
        self, api_as: ApiAs
    ) -> None:
        staff = StaffFactory.create()
        client = api_as(staff)
        for _ in range(2):
            assert client.get("/users/lastplayed").status_code == 200

        in_another_connection(lambda: User.objects.update(is_staff=False))
        assert client.get("/users/lastplayed").status_code == 403
        assert client.get("/users/me").status_code == 200

        in_another_connection(Session.objects.all().delete)
        assert client.get("/users/me").status_code == 401

    def test_a_response_cached_for_a_user_is_not_sent_when_the_session_just_ended(
        self, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = api_as(UserFactory.create())
        restrict = Freshness.restrict_to_user

        def end_all_sessions_first(freshness: Freshness, authentication: object) -> None:
            in_another_connection(Session.objects.all().delete)
            restrict(freshness, authentication)

        monkeypatch.setattr(Freshness, "restrict_to_user", end_all_sessions_first)
        assert client.get("/users/me").status_code == 200

        assert client.get("/users/me").status_code == 401

    def test_a_response_cached_for_a_user_is_not_sent_when_the_token_has_expired(
        self, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = api_as(UserFactory.create())
        now = timezone.now()
        # Used just before it expires, so that its last use need not be stored again.
        for moment in (
            now + timedelta(minutes=14, seconds=50),
            now + timedelta(minutes=14, seconds=55),
        ):
            monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
            assert client.get("/users/me").status_code == 200

        monkeypatch.setattr(timezone, "now", lambda: now + timedelta(minutes=15, seconds=1))
        assert client.get("/users/me").status_code == 401

    def test_a_response_cached_for_a_user_does_not_hide_the_last_use_of_the_session(
        self, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = api_as(UserFactory.create())
        now = timezone.now()
        for minutes in range(4):
            moment = now + timedelta(minutes=minutes, seconds=1)
            monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
            client.get("/users/me")
            client.get("/users/me")

        assert Session.objects.get().last_used_at == now + timedelta(minutes=3, seconds=1)

    def test_a_response_cached_for_a_user_shows_a_change_at_once(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")

        client.patch("/users/me", {"first_name": "Ada"})

        assert client.get("/users/me").json()["first_name"] == "Ada"


def test_a_response_that_depends_on_the_clock_is_sent_until_it_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[datetime] = []

    class Today(ApiView):
        open_methods = frozenset({"GET"})

        @cache_response(expires=next_day)
        def get(self, request: object) -> Response:
            made.append(timezone.now())
            return Response({"today": timezone.now().date()})

    view = response_cache.response_cache(lambda request: Today.as_view()(request).render())

    def shown_at(moment: str) -> bytes:
        monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(moment))
        return bytes(view(APIRequestFactory().get("/today")).content)  # type: ignore[attr-defined]  # an HttpResponse

    assert b"2026-03-31" in shown_at("2026-03-31T12:00:00Z")
    assert b"2026-03-31" in shown_at("2026-03-31T23:59:59Z")
    assert len(made) == 1
    assert b"2026-04-01" in shown_at("2026-04-01T00:00:00Z")
    assert len(made) == 2


WRITER = """
import sys
sys.path.insert(0, "")
import django
django.setup()
from django.db import connection
from games.models import Game
connection.settings_dict["NAME"] = sys.argv[1]
count = 0
while True:
    count += 1
    Game.objects.update(play_count=count)
    print(count, flush=True)
"""


@pytest.mark.system
def test_no_response_is_older_than_the_newest_commit_of_another_process(
    api: APIClient, game: Game
) -> None:
    """One process writes and the threads of this one read, all as fast as they can, for 3 s."""
    committed = 0
    stale: list[tuple[int, int]] = []
    reads: list[int] = []
    done = Event()

    def read() -> None:
        while not done.is_set():
            for path in (f"/games/{game.pk}", "/games"):
                least = committed
                body = api.get(path).json()
                shown = (body[0] if isinstance(body, list) else body)["play_count"]
                reads.append(shown)
                if shown < least:
                    stale.append((least, shown))
        connection.close()

    readers = [Thread(target=read) for _ in range(3)]
    command = [sys.executable, "-c", WRITER, str(connection.settings_dict["NAME"])]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        try:
            committed = int(writer.stdout.readline())
            for reader in readers:
                reader.start()
            until = time.monotonic() + 3
            while time.monotonic() < until:
                committed = int(writer.stdout.readline())
        finally:
            done.set()
            for reader in readers:
                reader.join()
            writer.kill()

    assert not stale
    assert len(set(reads)) > 10
