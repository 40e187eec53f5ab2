"""Responses that the event loop sends itself are those that a thread would send."""

import asyncio
from collections.abc import Callable, Iterator
from io import BytesIO
from threading import Event
from typing import Any

import pytest
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import connection
from django.db.models import F
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from pytest_django import Settings

from api import response_cache
from api.response_cache import CacheMiss
from games.models import Game
from operations.serving.asgi import ThreadedWSGI
from operations.serving.cached_responses import find_cached_response
from tests.api.test_response_cache import in_another_connection
from tests.factories import GameFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="only there the loop can tell"),
]

Find = Callable[[Any], HttpResponseBase | None]


@pytest.fixture
def game() -> Game:
    response_cache._cache._entries.clear()
    return GameFactory.create(name="Tetris")


@pytest.fixture
def find() -> Find:
    find_or_raise = find_cached_response()
    assert find_or_raise is not None

    def find(environ: dict[str, Any]) -> HttpResponseBase | None:
        try:
            return find_or_raise(environ)
        except CacheMiss:
            return None

    return find


def environ_of(path: str, method: str = "GET", **headers: str) -> dict[str, Any]:
    request = RequestFactory().generic(method, path, headers=headers)
    return {**request.environ, "wsgi.input": BytesIO()}


def respond(environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """As a thread does."""
    started: list[Any] = []
    response = get_internal_wsgi_application()(environ, lambda *start: started.extend(start))  # type: ignore[arg-type]  # a start_response without its result
    return int(started[0][:3]), dict(started[1]), b"".join(response)


def test_a_cached_response_is_found_with_all_its_headers(game: Game, find: Find) -> None:
    environ = environ_of(f"/games/{game.pk}")
    assert find(environ) is None
    status, headers, body = respond(environ)

    found = find(environ | {"HTTP_X_REQUEST_ID": "mine"})

    assert found is not None
    assert (found.status_code, b"".join(found)) == (status, body)
    headers.pop("X-Request-ID")
    assert dict(found.items()) == headers | {"X-Request-ID": "mine"}
    not_modified = find(environ | {"HTTP_IF_NONE_MATCH": headers["ETag"]})
    assert not_modified is not None
    assert not_modified.status_code == 304


def test_nothing_is_found_after_a_commit_nor_for_another_method(game: Game, find: Find) -> None:
    environ = environ_of(f"/games/{game.pk}")
    respond(environ)
    assert find(environ_of(f"/games/{game.pk}", "DELETE")) is None
    assert find(environ) is not None

    in_another_connection(lambda: Game.objects.update(play_count=1))

    assert find(environ) is None
    assert b'"play_count":1' in respond(environ)[2]


def test_it_is_found_within_an_event_loop(game: Game, find: Find) -> None:
    """Django lets nobody query a database there; a game's own row is compared all the same."""
    environ = environ_of(f"/games/{game.pk}")
    respond(environ)

    async def find_in_loop() -> HttpResponseBase | None:
        return find(environ)

    assert asyncio.run(find_in_loop()) is not None
    in_another_connection(GameFactory.create)
    assert asyncio.run(find_in_loop()) is not None
    in_another_connection(lambda: Game.objects.filter(pk=game.pk).update(play_count=1))
    assert asyncio.run(find_in_loop()) is None


def test_it_believes_the_same_proxies(game: Game, find: Find, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1
    environ = environ_of("/games?page_size=1", **{"X-Forwarded-Host": "localhost"})
    GameFactory.create()
    _, headers, _ = respond(dict(environ))
    found = find(environ)

    assert "//localhost/" in headers["Link"]
    assert found is not None
    assert found["Link"] == headers["Link"]
    assert find(environ_of("/games?page_size=1")) is None


def test_of_many_that_ask_for_what_has_changed_one_makes_the_new_response(game: Game) -> None:
    made: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        made.append(environ["PATH_INFO"])
        return get_internal_wsgi_application()(environ, start_response)

    server = ThreadedWSGI(application, cached=find_cached_response())
    paths = [f"/games/{game.pk}", "/games", "/genres"]

    def ask(count: int) -> list[bytes]:
        async def ask_at_once() -> list[bytes]:
            return await asyncio.gather(*[get(server, path) for path in paths * count])

        return asyncio.run(ask_at_once())

    ask(1)
    in_another_connection(lambda: Game.objects.update(play_count=5))
    made.clear()

    bodies = ask(10)

    assert sorted(made) == sorted(paths)
    assert sum(b'"play_count":5' in body for body in bodies) == 20


def test_who_waited_for_one_response_takes_the_next_though_it_is_outdated_by_then(
    game: Game,
) -> None:
    path = f"/games/{game.pk}"
    made: list[bytes] = []
    is_made, all_have_asked = Event(), Event()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        response = get_internal_wsgi_application()(environ, start_response)
        made.append(b"".join(response))
        in_another_connection(lambda: Game.objects.update(play_count=F("play_count") + 1))
        is_made.set()
        all_have_asked.wait(10)
        return response

    server = ThreadedWSGI(application, cached=find_cached_response())

    async def ask_while_it_is_made() -> list[bytes]:
        all_have_asked.set()
        await get(server, path)
        made.clear()
        is_made.clear()
        all_have_asked.clear()
        first = asyncio.create_task(get(server, path))
        await asyncio.to_thread(is_made.wait, 10)
        others = [asyncio.create_task(get(server, path)) for _ in range(10)]
        await asyncio.sleep(0)
        all_have_asked.set()
        return await asyncio.gather(first, *others)

    bodies = asyncio.run(ask_while_it_is_made())

    assert len(made) == 2
    assert b'"play_count":2' in made[1]
    assert bodies == [made[0]] + 10 * [made[1]]


def test_what_is_no_longer_cached_is_not_waited_for(game: Game) -> None:
    path = f"/games/{game.pk}"
    environ = environ_of(path)
    respond(environ)
    in_another_connection(game.delete)

    assert respond(environ)[0] == 404

    find = find_cached_response()
    assert find is not None
    with pytest.raises(CacheMiss) as miss:
        find(environ)
    assert miss.value.outdated is None


class Sent:
    """Need not be awaited, like granian's."""

    def __await__(self) -> Iterator[None]:
        return iter(())


async def get(server: ThreadedWSGI, path: str) -> bytes:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    def send(message: dict[str, Any]) -> Any:
        sent.append(message)
        return Sent()

    scope = {
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    await server(scope, receive, send)
    return b"".join(message.get("body", b"") for message in sent)
