"""Processes that start together bring the database up to date one after the other."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

# Any number that no other lock of this database uses.
_ADVISORY_LOCK = 0x464F5946
_held = threading.local()


@contextmanager
def exclusive_lock(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Wait for everybody else who prepares this installation: on this machine by a file's lock, on
    a PostgreSQL database by an advisory one. Both die with the process that holds them.

    A block within a block of the same thread waits for nobody.
    """
    if getattr(_held, "here", False):
        yield
        return
    with (settings.DATA_DIR / "prepare.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with _advisory_lock(using):
            _held.here = True
            try:
                yield
            finally:
                _held.here = False


@contextmanager
def _advisory_lock(using: str) -> Iterator[None]:
    connection = connections[using]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # Somebody else's migration may take long.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
    try:
        yield
    finally:
        # Closing would only give it back to the pool, lock and settings included.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])
            cursor.execute("RESET statement_timeout; RESET lock_timeout")
