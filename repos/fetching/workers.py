"""Threads that talk to GitHub, one per credential, since GitHub wants requests of one credential
one after the other. Their results come to the calling thread, which alone writes to the database.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from django.conf import settings

from repos.github import BadCredentials, GitHubError, HttpClient, RateLimited, RetryPolicy

# Results that wait to be stored; more would only fill memory.
_QUEUE_SIZE = 32
# GitHub may reject one repository with words that are meant for a credential, so the next one is
# asked about too. After this many in a row the credential is not used for the rest of the run.
_REJECTIONS_IN_A_ROW = 2

_log = logging.getLogger("foyer.traffic")


class Result(Protocol):
    @property
    def problem(self) -> GitHubError | None: ...


class Job(Protocol):
    """Something to ask GitHub about. `run` raises no GitHubError."""

    def run(self, http: HttpClient) -> Result: ...

    def failed(self, http: HttpClient, problem: GitHubError) -> Result: ...


J = TypeVar("J", bound=Job)


@dataclass(slots=True)
class CredentialBatch(Generic[J]):
    """Everything that is asked with one token, one after the other. `user_ids`: whose own it
    is."""

    token: str
    jobs: list[J] = field(default_factory=list)
    user_ids: set[int] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"CredentialBatch({len(self.jobs)} jobs)"


@dataclass(frozen=True, slots=True)
class JobDone(Generic[J]):
    job: J
    result: Any


@dataclass(frozen=True, slots=True)
class BatchDone:
    """`clock_offset`: how far GitHub's clock is ahead of this machine's."""

    user_ids: AbstractSet[int]
    request_count: int
    clock_offset: timedelta
    credential_expires_at: datetime | None


def run_batches(
    batches: list[CredentialBatch[J]],
    *,
    jobs: int,
    clock: Callable[[], datetime],
    policy: RetryPolicy | None,
) -> Iterator[JobDone[J] | BatchDone]:
    """Results as they come, and one BatchDone per batch. `jobs` batches run at a time."""
    if not batches:
        return
    results: queue.Queue[JobDone[J] | BatchDone] = queue.Queue(maxsize=_QUEUE_SIZE)
    stopped = threading.Event()

    def work(batch: CredentialBatch[J]) -> None:
        http = HttpClient(
            token=batch.token,
            base_url=settings.GITHUB_API_URL,
            clock=clock,
            policy=policy,
            # Whoever stops the run does not wait for a rate limit.
            sleep=stopped.wait,
        )
        _run_to_the_end(batch, http, results, stopped)

    with ThreadPoolExecutor(max_workers=jobs) as executor:
        futures = [executor.submit(work, batch) for batch in batches]
        try:
            for _ in batches:
                while isinstance(item := results.get(), JobDone):
                    yield item
                yield item
        finally:
            stopped.set()
            _wait_for(futures, results)


def _run_to_the_end(
    batch: CredentialBatch[J],
    http: HttpClient,
    results: "queue.Queue[JobDone[J] | BatchDone]",
    stopped: threading.Event,
) -> None:
    """A BatchDone follows whatever happens: the run waits for one of each batch."""
    try:
        with closing(http):
            _run_batch(batch, http, results, stopped)
    except Exception:  # noqa: BLE001  # see above
        _log.exception("the work of a credential ended unexpectedly")
    finally:
        offset = http.clock_offset or timedelta(0)
        results.put(
            BatchDone(batch.user_ids, http.request_count, offset, http.credential_expires_at)
        )


def _run_batch(
    batch: CredentialBatch[J],
    http: HttpClient,
    results: "queue.Queue[JobDone[J] | BatchDone]",
    stopped: threading.Event,
) -> None:
    rejections = 0
    problem: GitHubError | None = None
    for job in batch.jobs:
        if stopped.is_set():
            return
        if problem is not None and rejections >= _REJECTIONS_IN_A_ROW:
            result = job.failed(http, problem)
        else:
            result = _run_safely(job, http)
            problem = result.problem
            is_rejection = isinstance(problem, BadCredentials | RateLimited)
            rejections = rejections + 1 if is_rejection else 0
        results.put(JobDone(job, result))


def _run_safely(job: Job, http: HttpClient) -> Result:
    try:
        return job.run(http)
    except Exception:  # noqa: BLE001  # a fault of our own must not stop the other jobs
        _log.exception("a fetch failed unexpectedly")
        return job.failed(
            http,
            GitHubError(
                "Fetching failed for a reason that is a fault of Foyer; the log of the server has"
                " the details. The next run tries again."
            ),
        )


def _wait_for(futures: list[Future[None]], results: "queue.Queue[Any]") -> None:
    """Let threads that wait for room in the queue come to their end."""
    for future in futures:
        future.cancel()
    while not all(future.done() for future in futures):
        with suppress(queue.Empty):
            results.get(timeout=0.05)
