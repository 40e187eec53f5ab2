"""Answers kept encoded, for as long as the database stays as it is.

Most reads find nothing changed since the last one. Whether that is so is one question to the
database that costs less than any query, and an answer is never older than the newest commit: there
is nothing to invalidate and no time to live.
"""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

# Of each process.
MAX_CACHE_BYTES = 8 * 1024 * 1024
MAX_RESPONSE_BYTES = 64 * 1024

State = tuple[Any, ...]
_ViewMethod = TypeVar("_ViewMethod", bound=Callable[..., Any])


class _Answer(NamedTuple):
    content: bytes
    headers: dict[str, str]


class _Shelf:
    """The answers of one state of the database; `generation` counts the states.

    SQLite tells a connection only whether something changed since that connection asked last. So
    whoever sees a change, or asks for the first time, empties the shelf for all. Who sees none
    knows that nothing changed since its last question, and that what was made before is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = threading.local()
        self._answers: dict[State, _Answer] = {}
        self._bytes = 0
        self._generation = 0

    def turn_to(self, state: State) -> int:
        """The generation that what is made from now on belongs to."""
        with self._lock:
            if getattr(self._seen, "state", None) != state:
                self._seen.state = state
                self._answers, self._bytes = {}, 0
                self._generation += 1
            return self._generation

    def take(self, key: State) -> _Answer | None:
        return self._answers.get(key)

    def put(self, key: State, answer: _Answer, *, generation: int) -> None:
        size = len(answer.content)
        with self._lock:
            fits = size <= MAX_RESPONSE_BYTES and self._bytes + size <= MAX_CACHE_BYTES
            if generation == self._generation and fits:
                self._answers[key] = answer
                self._bytes += size

    def __len__(self) -> int:
        return len(self._answers)


_shelf = _Shelf()


class Place:
    """Where the answer to one request is, or is to be kept. Found before the answer is made: what
    is committed meanwhile makes the answer newer than its place, never older."""

    def __init__(self, request: HttpRequest, *, viewer: object = None) -> None:
        state = database_version()
        self._generation = None if state is None else _shelf.turn_to(state)
        self._key = (
            viewer,
            request.scheme,
            request.get_host(),
            request.path_info,
            request.META.get("QUERY_STRING"),
            request.META.get("HTTP_ACCEPT"),
        )

    def answer(self) -> HttpResponse | None:
        if self._generation is None:
            return None
        kept = _shelf.take(self._key)
        return HttpResponse(kept.content, headers=kept.headers) if kept else None

    def keep(self, response: HttpResponse) -> None:
        if self._generation is not None:
            answer = _Answer(response.content, dict(response.items()))
            _shelf.put(self._key, answer, generation=self._generation)


def cache_per_user(method: _ViewMethod) -> _ViewMethod:
    """For a view's read whose answer depends on the database, the URL and who asks, on nothing
    else. Who asks, and whether they may, has been found out before."""

    @wraps(method)
    def answered(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        place = Place(request._request, viewer=request.user.pk)
        kept = place.answer()
        if kept is not None:
            return kept
        response = method(view, request, *args, **kwargs)
        response.add_post_render_callback(place.keep)
        return response

    return cast("_ViewMethod", answered)


def database_version() -> State | None:
    """Equal to an earlier one only if nothing was committed between the two. None where that
    cannot be told, as inside a transaction, which sees what may yet be undone."""
    if connection.in_atomic_block:
        return None
    try:
        if connection.vendor == "sqlite":
            return _sqlite_state()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # Which transactions it sees: https://www.postgresql.org/docs/current/functions-info.html
                cursor.execute("SELECT pg_current_snapshot()::text")
                return tuple(cursor.fetchone())
    except DatabaseError:
        # The ordinary way will meet the same trouble and say so.
        return None
    return None


def _sqlite_state() -> State:
    """`data_version` tells this connection what others committed, `total_changes` what itself did:
    https://www.sqlite.org/pragma.html#pragma_data_version."""
    connection.ensure_connection()
    raw = connection.connection
    with connection.wrap_database_errors:
        [version] = raw.execute("PRAGMA data_version").fetchone()
    # The connection itself: both numbers begin anew with another one.
    return raw, version, raw.total_changes
