"""A run: ask GitHub about repositories and store what it says.

Each tracked repository is a transaction of its own, so a run that is killed has lost nothing, and
the next one completes it.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from repos.credentials.services import store_expiry
from repos.fetching.planning import FetchJob, plan_run
from repos.fetching.storing import store_failure, store_fetched
from repos.fetching.workers import BatchDone, JobDone, run_batches
from repos.github import FetchResult, RateLimited, RepositoryArchived, RetryPolicy
from repos.models import FetchOutcome, FetchRun, FetchStatus, FetchTrigger, TrackedRepository

KEEP_RUNS = timedelta(days=30)
DEFAULT_JOBS = 4
# GitHub's Date decides which day it is; beyond this the operator is told about the clock.
CLOCK_TOLERANCE = timedelta(minutes=5)
EXPIRY_NOTICE = timedelta(days=7)

_NOT_STORED = "What GitHub said could not be stored; the log of the server has the details."

_log = logging.getLogger("foyer.traffic")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one repository of GitHub, which `repositories` users track."""

    full_name: str
    status: FetchStatus
    message: str = ""
    repositories: int = 1


@dataclass(slots=True)
class Summary:
    """Counts of tracked repositories. `clock_offset`: how far GitHub's clock is ahead.
    `server_token_expires_at`: of GITHUB_TOKEN, as far as GitHub said."""

    fetched: int = 0
    failed: int = 0
    deferred: int = 0
    requests: int = 0
    clock_offset: timedelta = timedelta(0)
    server_token_expires_at: datetime | None = None

    @property
    def is_clean(self) -> bool:
        return not (self.failed or self.deferred)

    @property
    def clock_warning(self) -> str | None:
        """A sentence for the operator when this machine's clock is wrong."""
        if abs(self.clock_offset) <= CLOCK_TOLERANCE:
            return None
        direction = "behind" if self.clock_offset > timedelta(0) else "ahead of"
        minutes = round(abs(self.clock_offset) / timedelta(minutes=1))
        return (
            f"The clock of this machine is {minutes} minutes {direction} GitHub's. GitHub's was"
            " used; set this one right, since log-ins depend on it (timedatectl set-ntp true)."
        )

    def count(self, outcome: Outcome) -> None:
        match outcome.status:
            case FetchStatus.FETCHED:
                self.fetched += outcome.repositories
            case FetchStatus.FAILED:
                self.failed += outcome.repositories
            case FetchStatus.DEFERRED:
                self.deferred += outcome.repositories

    def add(self, batch: BatchDone) -> None:
        self.requests += batch.request_count
        self.clock_offset = max(self.clock_offset, batch.clock_offset, key=abs)
        if not batch.user_ids:
            self.server_token_expires_at = batch.credential_expires_at

    def expiry_warning(self, *, now: datetime) -> str | None:
        """A sentence for the operator when the server's own token expires soon: its users are not
        told."""
        expiry = self.server_token_expires_at
        if expiry is None or expiry - now > EXPIRY_NOTICE:
            return None
        return (
            f"GITHUB_TOKEN expires on {expiry:%Y-%m-%d %H:%M} UTC. Set a new one by then, or"
            " nothing is fetched for users without a token of their own."
        )


def fetch_repositories(
    repositories: Iterable[TrackedRepository],
    *,
    trigger: FetchTrigger,
    clock: Callable[[], datetime] = timezone.now,
    policy: RetryPolicy | None = None,
    jobs: int = DEFAULT_JOBS,
    on_plan: Callable[[int], object] = lambda count: None,
    on_outcome: Callable[[Outcome], object] = lambda outcome: None,
) -> Summary:
    """Fetch and store. One repository's failure is its own; the summary counts them.

    `on_plan` hears how many there are, `on_outcome` what came of each.
    """
    run = FetchRun.objects.create(trigger=trigger, started_at=clock())
    plan = plan_run(repositories)
    on_plan(plan.repository_count)
    summary = Summary()

    def report(outcome: Outcome) -> None:
        summary.count(outcome)
        on_outcome(outcome)

    for repository, message in plan.rejected:
        report(_store_rejection(run, repository, message, now=clock()))
    for item in run_batches(plan.batches, jobs=jobs, clock=clock, policy=policy):
        if isinstance(item, BatchDone):
            summary.add(item)
            if item.credential_expires_at is not None:
                store_expiry(item.user_ids, item.credential_expires_at, asked_at=run.started_at)
        else:
            for outcome in _store_result(run, item, now=clock()):
                report(outcome)
    _end_run(run, summary, now=clock())
    return summary


def _end_run(run: FetchRun, summary: Summary, *, now: datetime) -> None:
    # Not by save(): that would store again what was removed meanwhile.
    FetchRun.objects.filter(pk=run.pk).update(
        ended_at=now,
        fetched_count=summary.fetched,
        failed_count=summary.failed,
        deferred_count=summary.deferred,
        request_count=summary.requests,
    )
    FetchRun.objects.filter(started_at__lt=run.started_at - KEEP_RUNS).delete()
    for warning in (summary.clock_warning, summary.expiry_warning(now=now)):
        if warning:
            _log.warning("%s", warning)


def _store_rejection(
    run: FetchRun, repository: TrackedRepository, message: str, *, now: datetime
) -> Outcome:
    with transaction.atomic():
        if store_failure(repository_id=repository.pk, message=message, now=now):
            _record(run, repository.pk, FetchStatus.FAILED, message, now=now)
    return Outcome(repository.full_name, FetchStatus.FAILED, message)


def _store_result(run: FetchRun, done: JobDone[FetchJob], *, now: datetime) -> list[Outcome]:
    """One for those who have the result, and one for those for whom it could not be stored."""
    result: FetchResult = done.result
    status, message = _status_of(result)
    name, lost = done.job.ref.name.full_name, 0
    for repository_id in done.job.repository_ids:
        try:
            with transaction.atomic():
                if store_fetched(
                    repository_id=repository_id,
                    result=result,
                    credential_fingerprint=done.job.credential_fingerprint,
                    now=now,
                ):
                    _record(run, repository_id, status, message, now=now)
        except Exception:  # noqa: BLE001  # one that cannot be stored must not stop the others
            _log.exception("storing the traffic of repository %s failed", repository_id)
            # A database that went away is asked by a new connection when it is back.
            connection.close_if_unusable_or_obsolete()
            lost += 1
    outcomes = [
        Outcome(name, status, message, repositories=len(done.job.repository_ids) - lost),
        Outcome(name, FetchStatus.FAILED, _NOT_STORED, repositories=lost),
    ]
    return [outcome for outcome in outcomes if outcome.repositories]


def _status_of(result: FetchResult) -> tuple[FetchStatus, str]:
    match result.problem:
        case None:
            return FetchStatus.FETCHED, result.notice
        case RepositoryArchived() as problem:
            return FetchStatus.FETCHED, problem.message
        case RateLimited() as problem:
            return FetchStatus.DEFERRED, problem.message
        case problem:
            return FetchStatus.FAILED, problem.message


def _record(
    run: FetchRun, repository_id: int, status: FetchStatus, message: str, *, now: datetime
) -> None:
    FetchOutcome.objects.create(
        run=run, repository_id=repository_id, result=status, message=message, at=now
    )
