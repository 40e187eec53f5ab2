"""Small transactions of one process share one commit, and so one write to the disk.

With `synchronous=FULL` a commit waits for the disk longer than a small transaction takes for all of
its statements. `run_together` runs several calls as greenlets of one thread: each as far as its
`in_group_commit`, then the statements of all in one transaction, then each to its end. A thread for
each call would take a third of a play's processor time for taking turns (docs/decisions, 27).
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from greenlet import getcurrent, greenlet

from core.db.sqlite.base import DatabaseWrapper

# Of the connection that commits for all: what a transaction writes beyond its page cache it writes
# to the disk, reads again and writes once more. 16 plays write 130 pages of 4 kB, and with a cache
# of 64, which other connections have, a play takes 1.5 times the processor time in SQLite.
PAGE_CACHE_KIBIBYTES = 1024

_T = TypeVar("_T")


def in_group_commit(work: Callable[[], _T]) -> _T:
    """Returns what `work` returns once that is committed, or raises what it raises.

    Within `run_together` the commit is shared: `work` then runs again by itself if another one of
    the group fails. PostgreSQL groups commits on its own:
    https://www.postgresql.org/docs/current/wal-configuration.html.
    """
    call = getcurrent()
    database = connections[DEFAULT_DB_ALIAS]
    if not isinstance(call, _Call) or database.vendor != "sqlite" or database.in_atomic_block:
        with transaction.atomic():
            return work()
    job = _Job(work)
    call.wait_for(job)
    if job.error:
        raise job.error
    return job.result


def run_together(
    calls: Iterable[Callable[[], object]], *, waiting_since: float | None = None
) -> None:
    """Run `calls`, which must not raise, in this thread, with common commits. They use one
    connection in turns, each outside of a transaction.

    `waiting_since` (by `time.monotonic`) is when the first of them came: a locked database fails
    all when its time is over, not a whole time-out after the group before them failed.
    """
    database = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
    database.waiting_since = waiting_since
    try:
        running = [_Call(call) for call in calls]
        while running:
            jobs = [job for call in running if (job := call.run_to_commit())]
            if jobs:
                _commit_together(jobs)
            running = [call for call in running if not call.dead]
    finally:
        database.waiting_since = None


class _Job(Generic[_T]):
    result: _T

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self.error: Exception | None = None

    def run(self) -> None:
        self.result = self._work()

    def run_alone(self) -> None:
        try:
            with transaction.atomic():
                self.run()
        except Exception as error:  # noqa: BLE001  # raised in the call that waits for it
            self.error = error


class _Call(greenlet):
    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__()
        self._call = call
        self._runner = getcurrent()

    def run(self) -> None:
        self._call()

    def run_to_commit(self) -> _Job[Any] | None:
        """What it waits for next; None at its end."""
        job: _Job[Any] | None = self.switch()
        return job

    def wait_for(self, job: _Job[Any]) -> None:
        self._runner.switch(job)


def _commit_together(jobs: list[_Job[Any]]) -> None:
    try:
        cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).enlarge_page_cache(
            PAGE_CACHE_KIBIBYTES
        )
        with transaction.atomic():
            for job in jobs:
                job.run()
    except OperationalError as error:
        # Locked or full: the next try would wait as long, and fail as well.
        for job in jobs:
            job.error = error
    except Exception:  # noqa: BLE001  # whose it is, shows by itself
        for job in jobs:
            job.run_alone()
