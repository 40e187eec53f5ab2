"""Concurrent small transactions of one process share one commit, and so one write to the disk.

With `synchronous=FULL` a commit waits for the disk longer than a small transaction takes for all of
its statements. Whatever comes during a commit waits for the next one, which takes all that have
gathered. Each is acknowledged after the commit that contains it.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import OperationalError, connection, transaction

_T = TypeVar("_T")


def in_group_commit(work: Callable[[], _T]) -> _T:
    """Returns what `work` returns once that is committed, or raises what it raises.

    `work` runs in some thread, and again by itself if another one of the group fails. PostgreSQL
    groups commits on its own: https://www.postgresql.org/docs/current/wal-configuration.html.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            return work()
    return _group.run(_Job(work))


class _Job(Generic[_T]):
    result: _T

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self.is_done = False
        self.error: Exception | None = None

    def run(self) -> None:
        self.result = self._work()

    def run_alone(self) -> None:
        try:
            with transaction.atomic():
                self.run()
        except Exception as error:  # noqa: BLE001  # raised in the thread that waits for it
            self.error = error


class _Group:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Job[Any]] = []
        self._is_committing = False

    def run(self, job: _Job[_T]) -> _T:
        """The first thread to find no commit under way commits for all that wait."""
        with self._changed:
            self._waiting.append(job)
            while self._is_committing and not job.is_done:
                self._changed.wait()
            if not job.is_done:
                self._is_committing = True
                jobs, self._waiting = self._waiting, []
        if not job.is_done:
            self._commit(jobs)
        if job.error:
            raise job.error
        return job.result

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        try:
            _run_together(jobs)
        finally:
            with self._changed:
                self._is_committing = False
                for job in jobs:
                    job.is_done = True
                self._changed.notify_all()


def _run_together(jobs: list[_Job[Any]]) -> None:
    try:
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


_group = _Group()
