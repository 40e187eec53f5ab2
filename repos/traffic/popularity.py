"""Referrers and popular paths day by day, from the stored snapshots.

GitHub tells its ten most visited of the last 14 days, without a date. Each day's figures are those
14-day totals as of that day: they can be compared, and must not be added up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from core.dates import DateRange
from repos.models import PopularityKind, PopularitySnapshot, TrackedRepository

_KEYS = {PopularityKind.REFERRERS: "referrer", PopularityKind.PATHS: "path"}


@dataclass(frozen=True, slots=True)
class PopularDay:
    """The 14-day figures as of `date` (UTC)."""

    date: date
    views: int
    unique_visitors: int


@dataclass(slots=True)
class PopularEntry:
    """A referrer, or a path with its newest title; the days on which it stood in the list."""

    name: str
    title: str = ""
    days: list[PopularDay] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """What the order over a whole range goes by; no number of visits."""
        return sum(day.views for day in self.days)


def popular_over_time(
    repository: TrackedRepository, kind: PopularityKind, *, within: DateRange
) -> list[PopularEntry]:
    """Everything that ever stood in the list within the range, most visited over it first."""
    entries: dict[str, PopularEntry] = {}
    for snapshot in snapshots_within(repository, kind, within=within):
        days = list(_days_within(snapshot, within))
        for listed in snapshot.entries:
            name = listed[_KEYS[kind]]
            entry = entries.setdefault(name, PopularEntry(name))
            entry.title = listed.get("title", "")
            entry.days.extend(_popular_days(listed, days))
    return sorted(entries.values(), key=lambda entry: (-entry.weight, entry.name))


def snapshots_within(
    repository: TrackedRepository, kind: PopularityKind, *, within: DateRange
) -> QuerySet[PopularitySnapshot]:
    """Oldest first. A snapshot stands for every day from its first to its last."""
    snapshots = PopularitySnapshot.objects.filter(repository=repository, kind=kind)
    if within.start is not None:
        snapshots = snapshots.filter(last_date__gte=within.start)
    if within.end is not None:
        snapshots = snapshots.filter(first_date__lte=within.end)
    return snapshots.order_by("first_date")


def _days_within(snapshot: PopularitySnapshot, within: DateRange) -> Iterator[date]:
    first = max(snapshot.first_date, within.start or date.min)
    last = min(snapshot.last_date, within.end or date.max)
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _popular_days(listed: dict[str, Any], days: list[date]) -> Iterator[PopularDay]:
    for day in days:
        yield PopularDay(day, listed["views"], listed["unique_visitors"])
