"""Locks between processes, which die with the process that holds them.

Each name is a file in DATA_DIR, locked by flock(2), and on PostgreSQL an advisory lock besides:
the servers of one installation may share the database and no folder.
"""

import fcntl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

_held = threading.local()


@contextmanager
def exclusive_lock(name: str, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Wait until nobody else holds `name`. A block within a block of the same thread does not
    wait for itself."""
    held: set[str] = vars(_held).setdefault("names", set())
    if name in held:
        yield
        return
    with (settings.DATA_DIR / f"{name}.lock").open("a") as file:
        _flock(file, fcntl.LOCK_EX, using)
        with _advisory_lock(name, using):
            held.add(name)
            try:
                yield
            finally:
                held.remove(name)


@contextmanager
def try_lock(name: str) -> Iterator[bool]:
    """True when the lock was free and is held during the block; False when it is taken."""
    with (settings.DATA_DIR / f"{name}.lock").open("a") as file:
        try:
            _flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB, DEFAULT_DB_ALIAS)
        except BlockingIOError:
            yield False
            return
        with _try_advisory_lock(name) as is_ours:
            yield is_ours


def _flock(file: TextIO, operation: int, using: str) -> None:
    try:
        fcntl.flock(file, operation)
    except BlockingIOError:
        raise
    except OSError:
        # A shared folder without locks: the advisory lock is enough.
        if connections[using].vendor != "postgresql":
            raise


def _key_of(name: str) -> int:
    """PostgreSQL's advisory locks are numbers, shared by everything in the database."""
    return zlib.crc32(f"foyer {name}".encode())


@contextmanager
def _advisory_lock(name: str, using: str) -> Iterator[None]:
    connection = connections[using]
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # The holder's migration may take long.
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_key_of(name)])
    try:
        yield
    finally:
        # Closing would return the connection to the pool, lock and settings included.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_key_of(name)])
            cursor.execute("RESET statement_timeout; RESET lock_timeout")


@contextmanager
def _try_advisory_lock(name: str) -> Iterator[bool]:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key_of(name)])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_key_of(name)])
