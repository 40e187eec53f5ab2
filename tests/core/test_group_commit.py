"""Small transactions share a commit, and each has its own result."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core.db.sqlite.group_commit import PAGE_CACHE_KIBIBYTES, in_group_commit, run_together
from core.logs.request_id import request_id
from games.models import Genre
from tests.factories import GenreFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL groups commits itself"),
]


class Call:
    """Commits each of `works`, one after the other, and keeps what came back."""

    def __init__(self, *works: Callable[[], object]) -> None:
        self._works = works
        self.results: list[object] = []

    def __call__(self) -> None:
        for work in self._works:
            try:
                self.results.append(in_group_commit(work))
            except Exception as error:  # noqa: BLE001  # that is a result, too
                self.results.append(error)


def add_genre(name: str) -> Callable[[], object]:
    return lambda: GenreFactory.create(name=name).name


def _data_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        number: int = cursor.fetchone()[0]
    return number


def _close_connection() -> None:
    connection.close()


def test_calls_share_a_commit_and_each_gets_its_own_result() -> None:
    calls = [Call(add_genre(f"Genre {number}")) for number in range(10)]
    with ThreadPoolExecutor(1) as other:
        before = other.submit(_data_version).result()

        run_together(calls)

        assert other.submit(_data_version).result() == before + 1
        other.submit(_close_connection).result()
    assert [call.results for call in calls] == [[f"Genre {number}"] for number in range(10)]
    assert Genre.objects.count() == 10


def test_a_call_may_commit_more_than_once_or_not_at_all() -> None:
    calls = [Call(add_genre("a"), add_genre("b")), Call(), Call(add_genre("c"))]

    run_together(calls)

    assert [call.results for call in calls] == [["a", "b"], [], ["c"]]
    assert Genre.objects.count() == 3


def test_one_that_fails_fails_alone() -> None:
    GenreFactory.create(name="taken")
    bad = Call(lambda: Genre.objects.bulk_create(Genre.objects.filter(name="taken")))
    good = [Call(add_genre(f"Genre {number}")) for number in range(6)]

    run_together([*good[:3], bad, *good[3:]])

    assert [type(result) for result in bad.results] == [IntegrityError]
    assert [call.results for call in good] == [[f"Genre {number}"] for number in range(6)]
    assert Genre.objects.count() == 7


def test_one_that_raises_stores_nothing() -> None:
    def add_and_raise() -> None:
        GenreFactory.create(name="never")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_group_commit(add_and_raise)
    call = Call(add_and_raise)
    run_together([call, Call(add_genre("stored"))])

    assert [type(result) for result in call.results] == [ValueError]
    assert [genre.name for genre in Genre.objects.all()] == ["stored"]


def test_a_locked_database_fails_the_whole_group_at_once() -> None:
    tries = []

    def fail() -> None:
        tries.append(1)
        raise OperationalError("database is locked")

    calls = [Call(add_genre("A genre")), Call(fail)]
    run_together(calls)

    assert [type(call.results[0]) for call in calls] == [OperationalError] * 2
    assert len(tries) == 1
    assert not Genre.objects.exists()


@pytest.mark.parametrize("run", [lambda call: call(), lambda call: run_together([call])])
def test_it_returns_after_the_commit(run: Callable[[Callable[[], None]], None]) -> None:
    seen_by_others = []

    def store() -> None:
        in_group_commit(add_genre("stored"))
        with ThreadPoolExecutor(1) as thread:
            seen_by_others.append(thread.submit(_genre_exists).result())

    run(store)

    assert seen_by_others == [True]


def _genre_exists() -> bool:
    try:
        return Genre.objects.filter(name="stored").exists()
    finally:
        connection.close()


def test_inside_a_transaction_it_is_part_of_that() -> None:
    def undo() -> None:
        with transaction.atomic():
            in_group_commit(add_genre("undone"))
            transaction.set_rollback(True)

    undo()
    run_together([undo, Call(add_genre("stored"))])

    assert [genre.name for genre in Genre.objects.all()] == ["stored"]


def test_calls_that_take_turns_keep_their_own_context() -> None:
    """A request's id in the log lines of another one would mislead whoever reads them."""
    ids = []
    before = request_id.get()

    def call(own_id: str) -> None:
        request_id.set(own_id)
        in_group_commit(add_genre(own_id))
        ids.append((own_id, request_id.get()))

    run_together([lambda: call("a"), lambda: call("b")])

    assert ids == [("a", "a"), ("b", "b")]
    assert request_id.get() == before


def _page_cache() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        pages: int = cursor.fetchone()[0]
    return -pages


def test_whoever_commits_for_all_has_a_larger_page_cache() -> None:
    with ThreadPoolExecutor(1) as other:
        assert other.submit(_page_cache).result() < PAGE_CACHE_KIBIBYTES
        for _ in range(2):
            other.submit(run_together, [Call(lambda: GenreFactory.create().name)]).result()
            assert other.submit(_page_cache).result() == PAGE_CACHE_KIBIBYTES
            # The next one is a new connection.
            other.submit(_close_connection).result()
            assert other.submit(_page_cache).result() < PAGE_CACHE_KIBIBYTES
        other.submit(_close_connection).result()
