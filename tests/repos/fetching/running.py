"""A run against the server that plays GitHub, at a moment of the test's choice."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from repos import selectors
from repos.fetching.services import Summary, fetch_repositories
from repos.github import RetryPolicy
from repos.models import FetchTrigger, TrackedRepository, TrafficDay
from repos.traffic.merging import DayFigures
from tests.factories import RepositoryFactory
from tests.repos.github_server import GitHubServer, Traffic

NOW = datetime(2026, 3, 20, 4, 30, tzinfo=UTC)
TODAY = NOW.date()
ONE_DAY = timedelta(days=1)
IMPATIENT = RetryPolicy(
    connect_seconds=2,
    silence_seconds=2,
    request_seconds=2,
    job_seconds=4,
    attempts=2,
    slow_attempts=1,
    pause_seconds=0.01,
    waiting_seconds=0.1,
)


def run(
    repositories: Iterable[TrackedRepository] | None = None,
    *,
    now: datetime = NOW,
    jobs: int = 2,
    server: GitHubServer | None = None,
) -> Summary:
    if server is not None:
        server.now = lambda: now
    return fetch_repositories(
        selectors.repositories_to_fetch() if repositories is None else repositories,
        trigger=FetchTrigger.COMMAND,
        clock=lambda: now,
        policy=IMPATIENT,
        jobs=jobs,
    )


def stored(repository: TrackedRepository) -> dict[date, DayFigures]:
    return {day.date: day.figures for day in TrafficDay.objects.filter(repository=repository)}


def follow(server: GitHubServer, full_name: str = "octo/hello", **fields: Any) -> TrackedRepository:
    """A tracked repository, and the one on the server unless it is there, with a month of
    traffic."""
    if full_name.lower() not in server.repositories:
        server.add(
            full_name,
            traffic={TODAY - n * ONE_DAY: Traffic(100 + n, 50, 20, 10) for n in range(30)},
        )
    owner, name = full_name.split("/")
    return RepositoryFactory.create(owner=owner, name=name, **fields)
