"""Everything that is stored of one repository, as the API shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from core.dates import DateRange
from core.db.date_ranges import within_range
from repos import selectors
from repos.models import GitHubCredential, TrackedRepository
from repos.models.facts import FACTS
from repos.traffic.merging import FIGURES

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RepositoryDetail:
    """Rows have the names of the API; oldest first, releases newest first.

    `credential_expires_at`: None where the server's credential serves, or one that does not expire.
    """

    traffic: selectors.RepositoryTraffic
    growth: Rows
    weeks: Rows
    downloads: Rows
    releases: Rows
    credential_expires_at: datetime | None


def detail_of(
    repository: TrackedRepository, *, within: DateRange, now: datetime
) -> RepositoryDetail:
    """`within` limits everything but the releases."""
    releases: QuerySet[Any, Any] = repository.releases.order_by("-published_at", "-id").values(
        "tag", "name", "published_at", "downloads"
    )
    return RepositoryDetail(
        traffic=selectors.traffic_of(repository, within=within, now=now),
        growth=_rows(repository.facts.all(), within, "date", *FACTS),
        weeks=_rows(repository.weeks.all(), within, "week", *FIGURES),
        downloads=_rows(repository.download_days.all(), within, "date", "downloads"),
        releases=list(releases),
        credential_expires_at=GitHubCredential.objects.filter(user=repository.user_id)
        .values_list("expires_at", flat=True)
        .first(),
    )


def _rows(rows: QuerySet[Any], within: DateRange, day: str, *names: str) -> Rows:
    return list(within_range(rows, day, within).order_by(day).values(day, *names))
