"""What grows beside the traffic (facts, weeks, downloads, releases), of many repositories at once.

Each function takes one query, whatever the number of repositories.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from core.dates import DateRange
from core.db.date_ranges import within_range
from repos.models import (
    DownloadDay,
    Note,
    Release,
    RepositoryFacts,
    TrackedRepository,
    TrafficWeek,
)

Repositories = Collection[TrackedRepository]


def facts_of_all(
    repositories: Repositories, *, within: DateRange
) -> Mapping[int, list[RepositoryFacts]]:
    """By primary key, oldest first."""
    rows = RepositoryFacts.objects.filter(repository__in=repositories)
    return _by_repository(within_range(rows, "date", within).order_by("repository_id", "date"))


def weeks_of_all(
    repositories: Repositories, *, within: DateRange
) -> Mapping[int, list[TrafficWeek]]:
    """By primary key, oldest first; the weeks whose Monday is within the range."""
    rows = TrafficWeek.objects.filter(repository__in=repositories)
    return _by_repository(within_range(rows, "week", within).order_by("repository_id", "week"))


def downloads_of_all(
    repositories: Repositories, *, within: DateRange
) -> Mapping[int, list[DownloadDay]]:
    """By primary key, oldest first."""
    rows = DownloadDay.objects.filter(repository__in=repositories)
    return _by_repository(within_range(rows, "date", within).order_by("repository_id", "date"))


def releases_of_all(repositories: Repositories) -> Mapping[int, list[Release]]:
    """By primary key, newest first."""
    rows = Release.objects.filter(repository__in=repositories)
    return _by_repository(rows.order_by("repository_id", "-published_at", "-id"))


def notes_of_all(repositories: Repositories, *, within: DateRange) -> Mapping[int, list[Note]]:
    """By primary key, oldest day first."""
    rows = Note.objects.filter(repository__in=repositories)
    return _by_repository(
        within_range(rows, "date", within).order_by("repository_id", "date", "id")
    )


def _by_repository(rows: QuerySet[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.repository_id].append(row)
    return found
