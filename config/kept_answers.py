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

# Of each thread: SQLite tells a connection what changed, and each thread has a connection.
KEPT_BYTES = 1024 * 1024
LARGEST_ANSWER_BYTES = 64 * 1024

State = tuple[Any, ...]
_ViewMethod = TypeVar("_ViewMethod", bound=Callable[..., Any])


class _Answer(NamedTuple):
    content: bytes
    headers: dict[str, str]


class _Shelf(threading.local):
    """One thread's answers, all of one state of the database."""

    def __init__(self) -> None:
        self.state: State | None = None
        self.answers: dict[State, _Answer] = {}
        self.bytes = 0

    def turn_to(self, state: State) -> None:
        if state != self.state:
            self.state, self.answers, self.bytes = state, {}, 0


_shelf = _Shelf()


class Place:
    """Where the answer to one request is, or is to be kept. Found before the answer is made: what
    is committed meanwhile makes the answer newer than its place, never older."""

    def __init__(self, request: HttpRequest, *, viewer: object = None) -> None:
        self._state = database_state()
        self._key = (
            viewer,
            request.scheme,
            request.get_host(),
            request.path_info,
            request.META.get("QUERY_STRING"),
            request.META.get("HTTP_ACCEPT"),
        )

    def answer(self) -> HttpResponse | None:
        if self._state is None:
            return None
        _shelf.turn_to(self._state)
        kept = _shelf.answers.get(self._key)
        return HttpResponse(kept.content, headers=kept.headers) if kept else None

    def keep(self, response: HttpResponse) -> None:
        """Only what answers 200 comes here."""
        size = len(response.content)
        if (
            self._state is None
            or self._state != _shelf.state
            or size > LARGEST_ANSWER_BYTES
            or _shelf.bytes + size > KEPT_BYTES
        ):
            return
        _shelf.bytes += size
        _shelf.answers[self._key] = _Answer(response.content, dict(response.items()))


def kept_for_viewer(method: _ViewMethod) -> _ViewMethod:
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


def database_state() -> State | None:
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
