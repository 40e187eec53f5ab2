"""A run: ask GitHub about repositories and store what it says.

Threads talk to GitHub, one per credential; this thread alone writes. Each entry is a transaction of
its own, so a run that is killed has lost nothing, and the next one completes it.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from repos.fetching.planning import CredentialBatch, FetchJob, Plan, plan_run
from repos.github import BadCredentials, Fetched, GitHub, GitHubError, RateLimited, RetryPolicy
from repos.models import FetchOutcome, FetchRun, FetchStatus, FetchTrigger, TrackedRepository
from repos.traffic import history

KEEP_RUNS = timedelta(days=30)
DEFAULT_JOBS = 4
# Answers that wait to be stored; more would only fill memory.
_QUEUE_SIZE = 32
# GitHub may refuse one repository with words that are meant for a credential, so the next one is
# asked too. After this many in a row the credential is left alone for the rest of the run.
_REFUSALS_IN_A_ROW = 2

_log = logging.getLogger("foyer.traffic")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one repository of GitHub, for `entries` that follow it."""

    full_name: str
    result: FetchStatus
    message: str = ""
    entries: int = 1


@dataclass(slots=True)
class Summary:
    """Counts of entries."""

    fetched: int = 0
    failed: int = 0
    deferred: int = 0
    requests: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.failed or self.deferred)

    def count(self, outcome: Outcome) -> None:
        match outcome.result:
            case FetchStatus.FETCHED:
                self.fetched += outcome.entries
            case FetchStatus.FAILED:
                self.failed += outcome.entries
            case FetchStatus.DEFERRED:
                self.deferred += outcome.entries


@dataclass(frozen=True, slots=True)
class _Answer:
    question: FetchJob
    credential_fingerprint: str
    fetched: Fetched


@dataclass(frozen=True, slots=True)
class _Done:
    request_count: int


@dataclass(slots=True)
class _WorkerPool:
    """The threads that ask, and the queue on which their answers come."""

    plan: Plan
    clock: Callable[[], datetime]
    patience: RetryPolicy
    answers: "queue.Queue[_Answer | _Done]" = field(
        default_factory=lambda: queue.Queue(maxsize=_QUEUE_SIZE)
    )
    stopped: threading.Event = field(default_factory=threading.Event)

    def work(self, *, jobs: int) -> Iterator[_Answer | _Done]:
        """Answers as they come, and one _Done per credential."""
        waiting: queue.SimpleQueue[CredentialBatch] = queue.SimpleQueue()
        for work in self.plan.works:
            waiting.put(work)
        for _ in range(min(jobs, len(self.plan.works))):
            # A daemon: Ctrl-C need not wait for GitHub.
            threading.Thread(target=self._ask_all, args=(waiting,), daemon=True).start()
        try:
            for _ in self.plan.works:
                while isinstance(item := self.answers.get(), _Answer):
                    yield item
                yield item
        finally:
            self.stopped.set()

    def _ask_all(self, waiting: "queue.SimpleQueue[CredentialBatch]") -> None:
        while not self.stopped.is_set():
            try:
                work = waiting.get_nowait()
            except queue.Empty:
                return
            request_count = 0
            try:
                with closing(self._client_for(work)) as github:
                    self._ask(github, work)
                    request_count = github.request_count
            except Exception:  # noqa: BLE001  # the run waits for a _Done of each credential
                _log.exception("a credential's work ended unexpectedly")
            finally:
                self.answers.put(_Done(request_count))

    def _client_for(self, work: CredentialBatch) -> GitHub:
        return GitHub(
            token=work.credential.token,
            base_url=settings.GITHUB_API_URL,
            clock=self.clock,
            patience=self.patience,
        )

    def _ask(self, github: GitHub, work: CredentialBatch) -> None:
        fingerprint = work.credential.fingerprint
        refusals = 0
        problem: GitHubError | None = None
        for question in work.questions:
            if self.stopped.is_set():
                return
            if refusals >= _REFUSALS_IN_A_ROW:
                unasked = Fetched(requested_at=self.clock(), problem=problem)
                self.answers.put(_Answer(question, fingerprint, unasked))
                continue
            fetched = _fetched_safely(github, question, self.clock)
            problem = fetched.problem
            refused = isinstance(problem, BadCredentials | RateLimited)
            refusals = refusals + 1 if refused else 0
            self.answers.put(_Answer(question, fingerprint, fetched))


def fetch_repositories(
    repositories: Iterable[TrackedRepository],
    *,
    trigger: FetchTrigger,
    clock: Callable[[], datetime] = timezone.now,
    patience: RetryPolicy | None = None,
    jobs: int = DEFAULT_JOBS,
    on_plan: Callable[[int], object] = lambda entries: None,
    on_outcome: Callable[[Outcome], object] = lambda outcome: None,
) -> Summary:
    """Fetch and store. One repository's failure is its own; the summary counts them.

    `on_plan` hears how many entries there are, `on_outcome` what came of each.
    """
    run = FetchRun.objects.create(trigger=trigger, started_at=clock())
    plan = plan_run(repositories)
    on_plan(plan.entry_count)
    summary = Summary()

    def report(outcome: Outcome) -> None:
        summary.count(outcome)
        on_outcome(outcome)

    for repository, message in plan.refused:
        report(_store_refusal(run, repository, message, now=clock()))
    workshop = _WorkerPool(plan, clock, patience or RetryPolicy())
    for item in workshop.work(jobs=jobs):
        if isinstance(item, _Done):
            summary.requests += item.request_count
        else:
            report(_store_answer(run, item, now=clock()))
    run.ended_at = clock()
    run.fetched_count, run.failed_count = summary.fetched, summary.failed
    run.deferred_count, run.request_count = summary.deferred, summary.requests
    run.save()
    FetchRun.objects.filter(started_at__lt=run.started_at - KEEP_RUNS).delete()
    return summary


def _fetched_safely(github: GitHub, question: FetchJob, clock: Callable[[], datetime]) -> Fetched:
    try:
        return github.fetch(question.target)
    except Exception:  # noqa: BLE001  # a fault of our own must not stop the other repositories
        _log.exception("fetching a repository failed unexpectedly")
        return Fetched(
            requested_at=clock(),
            problem=GitHubError(
                "Fetching failed for a reason that is a fault of Foyer; the log of the server has"
                " the details. The next run tries again."
            ),
        )


def _store_refusal(
    run: FetchRun, repository: TrackedRepository, message: str, *, now: datetime
) -> Outcome:
    with transaction.atomic():
        if history.store_failure(repository_id=repository.pk, message=message, now=now):
            _record(run, repository.pk, FetchStatus.FAILED, message, now=now)
    return Outcome(repository.full_name, FetchStatus.FAILED, message)


def _store_answer(run: FetchRun, answer: _Answer, *, now: datetime) -> Outcome:
    problem = answer.fetched.problem
    result, message = FetchStatus.FETCHED, ""
    if problem is not None:
        result = FetchStatus.DEFERRED if isinstance(problem, RateLimited) else FetchStatus.FAILED
        message = problem.message
    for repository_id in answer.question.repository_ids:
        try:
            with transaction.atomic():
                if history.store_fetched(
                    repository_id=repository_id,
                    fetched=answer.fetched,
                    credential_fingerprint=answer.credential_fingerprint,
                    now=now,
                ):
                    _record(run, repository_id, result, message, now=now)
        except Exception:  # noqa: BLE001  # an entry that cannot be stored must not stop the others
            _log.exception("storing the traffic of entry %s failed", repository_id)
            # A database that went away is asked by a new connection when it is back.
            connection.close_if_unusable_or_obsolete()
            result = FetchStatus.FAILED
            message = "What GitHub said could not be stored; the log of the server has the details."
    name = answer.question.target.name.full_name
    return Outcome(name, result, message, entries=len(answer.question.repository_ids))


def _record(
    run: FetchRun, repository_id: int, result: FetchStatus, message: str, *, now: datetime
) -> None:
    FetchOutcome.objects.create(
        run=run, repository_id=repository_id, result=result, message=message, at=now
    )
