"""Tells whether something was committed since an earlier request, for less than any query costs."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

DatabaseVersion = int | str


def database_version() -> DatabaseVersion | None:
    """Equal to an earlier one only if no process committed anything between the two.

    None where that cannot be told: inside a transaction, which sees what may yet be rolled back,
    and while the database cannot be reached.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.in_atomic_block:
        return None
    try:
        with database.wrap_database_errors:
            if database.vendor == "sqlite":
                return _observer(database.settings_dict["NAME"], os.getpid()).version()
            # Which transactions it sees:
            # https://www.postgresql.org/docs/current/functions-info.html
            [[version]] = django_rows("SELECT pg_current_snapshot()::text")
    except DatabaseError:
        # The query that follows fails too, and is reported.
        return None
    return str(version)


def rows_as_committed(sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """The rows of a query, as the driver returns them. On SQLite by a connection that all threads
    share and that is not Django's, so that an event loop may ask too: for what takes microseconds.
    Raises Django's DatabaseError.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "sqlite":
        return _observed_rows(database, sql, values)
    return django_rows(sql, values)


def quick_rows(sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """The rows of a query that takes microseconds, as the driver returns them: what
    `rows_as_committed` finds, or what the present transaction sees, if there is one.

    Django's connection takes three times as long for one row on SQLite.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "sqlite" and not database.in_atomic_block:
        return _observed_rows(database, sql, values)
    return django_rows(sql, values)


def django_rows(sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """The rows of a query, as the driver returns them, by Django's connection."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
        return rows


def _observed_rows(database: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> list[Any]:
    with database.wrap_database_errors:
        return _observer(database.settings_dict["NAME"], os.getpid()).rows(sql, values)


class _Observer:
    """A connection that never writes, so its `data_version` changes with every commit of others:
    https://www.sqlite.org/pragma.html#pragma_data_version. All threads share it: each connection
    learns of a commit by itself, so with one per thread each thread would have a version of its
    own."""

    def __init__(self, database: str | Path) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[asyncio.AbstractEventLoop, int] | None = None
        self._connection = sqlite3.connect(
            database,
            check_same_thread=False,
            isolation_level=None,
            # As Django's connections do.
            detect_types=sqlite3.PARSE_DECLTYPES,
        )

    def version(self) -> int:
        """In an event loop one answer for all that is ready to run when it is asked: asking is a
        fifth of the work for a cached response. Whatever comes in later runs after `_forget`."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self._data_version()
        if self._seen is None or self._seen[0] is not loop:
            loop.call_soon(self._forget)
            self._seen = loop, self._data_version()
        return self._seen[1]

    def _forget(self) -> None:
        self._seen = None

    def _data_version(self) -> int:
        [[version]] = self.rows("PRAGMA data_version", ())
        return int(version)

    def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        with self._lock:
            # To the last row: an unfinished statement would hold on to an old snapshot.
            return self._connection.execute(sql.replace("%s", "?"), values).fetchall()


@cache
def _observer(database: str | Path, process_id: int) -> _Observer:
    """A forked process needs one of its own."""
    return _Observer(database)
