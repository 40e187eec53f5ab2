"""One daily run at a time, by locks that die with the process that holds them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

# Any number that no other lock of this database uses.
_ADVISORY_LOCK = 0x464F5945


@contextmanager
def try_lock() -> Iterator[bool]:
    """True while nobody else is inside, on this machine and on this PostgreSQL database."""
    path = settings.DATA_DIR / "fetch_traffic.lock"
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        with _advisory_lock() as is_ours:
            yield is_ours


@contextmanager
def _advisory_lock() -> Iterator[bool]:
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ADVISORY_LOCK])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])
