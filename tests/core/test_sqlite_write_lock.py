"""Writers of SQLite stand in line, and nobody stays in it."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction

from core.db.sqlite.group_commit import in_group_commit, run_together
from core.models import nowait
from games.models import Genre
from tests.concurrency import at_once, locked_by_another_program
from tests.factories import GenreFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has many writers"),
]


@contextmanager
def as_another_process() -> Iterator[Callable[[int], None]]:
    """`flock` on the file of the line, as another process has it open."""
    file = os.open(f"{connection.settings_dict['NAME']}-writers", os.O_RDWR | os.O_CREAT)
    try:
        yield lambda operation: fcntl.flock(file, operation)
    finally:
        os.close(file)


def is_taken() -> bool:
    with as_another_process() as lock:
        try:
            lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def a_thread_that_writes() -> Iterator[None]:
    """It is in the middle of its transaction until the block ends."""
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            GenreFactory.create(name="of the thread")
            begun.set()
            done.wait(30)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture
def lock_timeout(monkeypatch: pytest.MonkeyPatch) -> float:
    """In seconds, of connections that are opened from now on."""
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 2)
    return 2


@transaction.atomic
def write() -> None:
    GenreFactory.create()


def seconds_to_fail(write: Callable[[], Any] = write) -> float:
    begun = time.monotonic()
    with pytest.raises(OperationalError, match="database is locked"):
        write()
    return time.monotonic() - begun


def test_a_turn_lasts_as_long_as_the_transaction() -> None:
    with transaction.atomic():
        during = is_taken()
        with transaction.atomic():
            pass
        after_a_savepoint = is_taken()

    assert (during, after_a_savepoint, is_taken()) == (True, True, False)


def fail() -> None:
    with transaction.atomic():
        GenreFactory.create()
        raise ZeroDivisionError


def lose_the_connection() -> None:
    with transaction.atomic():
        connection.close()
        raise ZeroDivisionError


@pytest.mark.parametrize("end", [fail, lose_the_connection])
def test_a_turn_ends_with_a_failure(end: Callable[[], None]) -> None:
    with pytest.raises(ZeroDivisionError):
        end()

    assert not is_taken()


def test_a_turn_that_cannot_begin_ends() -> None:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        with pytest.raises(OperationalError), transaction.atomic():  # within another one
            pass
        cursor.execute("ROLLBACK")

    assert not is_taken()


def test_a_writer_waits_for_another_process() -> None:
    written = threading.Event()

    def write() -> None:
        with transaction.atomic():
            GenreFactory.create(name="late")
        written.set()
        connection.close()

    with as_another_process() as lock:
        lock(fcntl.LOCK_EX)
        thread = threading.Thread(target=write)
        thread.start()
        too_early = written.wait(0.3)
    thread.join(30)

    assert not too_early
    assert Genre.objects.filter(name="late").exists()


def test_who_may_not_wait_is_refused_at_once() -> None:
    with a_thread_that_writes(), pytest.raises(OperationalError), nowait():
        GenreFactory.create(name="impatient")
    with as_another_process() as lock:
        lock(fcntl.LOCK_EX)
        with pytest.raises(OperationalError), nowait():
            GenreFactory.create(name="impatient")

    assert not Genre.objects.filter(name="impatient").exists()
    assert not is_taken()


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections[DEFAULT_DB_ALIAS], "_lock_timeout_seconds", 0.2)

    with a_thread_that_writes(), pytest.raises(OperationalError), transaction.atomic():
        GenreFactory.create(name="patient")

    with transaction.atomic():
        GenreFactory.create(name="after all")


def test_a_line_that_cannot_be_made_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(database: str, *, process_id: int) -> int:
        raise PermissionError

    monkeypatch.setattr("core.db.sqlite.base._file_of", refused)

    with transaction.atomic():
        GenreFactory.create(name="written")

    assert Genre.objects.filter(name="written").exists()


@pytest.mark.system
def test_all_who_wait_for_another_program_wait_for_one_timeout(lock_timeout: float) -> None:
    with locked_by_another_program():
        waited = at_once([seconds_to_fail] * 4)

    assert max(waited) < 1.5 * lock_timeout


@pytest.mark.system
def test_what_a_writer_waited_for_another_process_counts(lock_timeout: float) -> None:
    with as_another_process() as lock, locked_by_another_program():
        lock(fcntl.LOCK_EX)
        threading.Timer(0.8 * lock_timeout, lock, [fcntl.LOCK_UN]).start()
        [waited] = at_once([seconds_to_fail])

    assert waited < 1.5 * lock_timeout


@pytest.mark.system
def test_calls_that_waited_for_others_to_commit_have_waited(lock_timeout: float) -> None:
    commit = partial(in_group_commit, GenreFactory.create)

    def run_late() -> float:
        waited: list[float] = []
        run_together(
            [lambda: waited.append(seconds_to_fail(commit))],
            waiting_since=time.monotonic() - lock_timeout,
        )
        return waited[0]

    def run_late_and_again() -> tuple[float, float]:
        late = run_late()
        return late, seconds_to_fail()

    with locked_by_another_program():
        [(late, later)] = at_once([run_late_and_again])

    assert late < 0.5 * lock_timeout
    assert later > 0.9 * lock_timeout  # It has waited for nobody before.
