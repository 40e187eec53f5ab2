"""Concurrent transactions share a commit, and each has its own result."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core.db.sqlite.group_commit import in_group_commit
from games.models import Genre
from tests.factories import GenreFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL groups commits itself"),
]

Submit = Callable[[Callable[[], object]], "Future[object]"]


@contextmanager
def waiting_for_one_commit() -> Iterator[Submit]:
    """What is submitted within the block waits for the commit of another, until the block ends."""
    is_committing, may_end = threading.Event(), threading.Event()

    def hold_up() -> None:
        is_committing.set()
        may_end.wait(30)

    with ThreadPoolExecutor(20) as threads:

        def submit(work: Callable[[], object]) -> "Future[object]":
            def run() -> object:
                try:
                    return in_group_commit(work)
                finally:
                    connection.close()

            return threads.submit(run)

        submit(hold_up)
        is_committing.wait(30)
        try:
            yield submit
        finally:
            may_end.set()


def wait_until_all_wait(count: int) -> None:
    from core.db.sqlite import group_commit  # noqa: PLC0415

    while len(group_commit._group._waiting) < count:
        threading.Event().wait(0.01)


def add_genre(name: str) -> Callable[[], object]:
    return lambda: GenreFactory.create(name=name).name


def version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        number: int = cursor.fetchone()[0]
        return number


def test_what_waits_is_committed_together_and_gets_its_own_result() -> None:
    before = version()
    with waiting_for_one_commit() as submit:
        futures = [submit(add_genre(f"Genre {number}")) for number in range(10)]
        wait_until_all_wait(10)

    assert [future.result() for future in futures] == [f"Genre {number}" for number in range(10)]
    assert Genre.objects.count() == 10
    assert version() == before + 1


def test_one_that_fails_fails_alone() -> None:
    GenreFactory.create(name="taken")
    with waiting_for_one_commit() as submit:
        good = [submit(add_genre(f"Genre {number}")) for number in range(3)]
        bad = submit(lambda: Genre.objects.bulk_create(Genre.objects.filter(name="taken")))
        good += [submit(add_genre(f"Genre {number}")) for number in range(3, 6)]
        wait_until_all_wait(7)

    assert isinstance(bad.exception(), IntegrityError)
    assert [future.result() for future in good] == [f"Genre {number}" for number in range(6)]
    assert Genre.objects.count() == 7


def test_one_that_raises_stores_nothing() -> None:
    def add_and_raise() -> None:
        GenreFactory.create(name="never")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_group_commit(add_and_raise)

    assert not Genre.objects.exists()


def test_a_locked_database_fails_all_that_waited_at_once() -> None:
    def fail() -> None:
        raise OperationalError("database is locked")

    with waiting_for_one_commit() as submit:
        futures = [submit(add_genre("A genre")), submit(fail)]
        wait_until_all_wait(2)

    assert all(isinstance(future.exception(), OperationalError) for future in futures)
    assert not Genre.objects.exists()


def test_it_returns_after_the_commit() -> None:
    in_group_commit(add_genre("stored"))

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(_genre_exists).result()


def _genre_exists() -> bool:
    try:
        return Genre.objects.filter(name="stored").exists()
    finally:
        connection.close()


def test_inside_a_transaction_it_is_part_of_that() -> None:
    with transaction.atomic():
        in_group_commit(add_genre("undone"))
        transaction.set_rollback(True)

    assert not Genre.objects.exists()
