"""The traffic of all of a user's repositories together.

Views and clones are events and can be added up. Unique people cannot: who visits two repositories
would be counted twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Subquery, Sum

from core.dates import DateRange
from core.db.date_ranges import within_range
from repos import selectors
from repos.models import TrafficDay
from users.models import User


@dataclass(frozen=True, slots=True)
class TotalDay:
    """One day (UTC) of `repositories` repositories, those with a row of the day. None: not one of
    them tells the figure."""

    date: date
    views: int | None
    clones: int | None
    repositories: int


@dataclass(frozen=True, slots=True)
class TotalOfLastDays:
    """Sums of GitHub's own 14-day figures; None before the first fetch."""

    views: int | None
    clones: int | None


def total_days(user: User, *, within: DateRange) -> list[TotalDay]:
    """Oldest first."""
    days = within_range(TrafficDay.objects.filter(repository__user=user), "date", within)
    sums = (
        days.values("date")
        .annotate(views=Sum("views"), clones=Sum("clones"), repositories=Count("pk"))
        .order_by("date")
        .values_list("date", "views", "clones", "repositories")
    )
    return [
        TotalDay(day, whole_number(views), whole_number(clones), count)
        for day, views, clones, count in sums
    ]


def total_of_last_14_days(user: User) -> TotalOfLastDays:
    newest = TrafficDay.objects.filter(
        repository=OuterRef("pk"), window_views__isnull=False
    ).order_by("-date")
    windows = list(
        selectors.repositories_of(user).values_list(
            Subquery(newest.values("window_views")[:1]),
            Subquery(newest.values("window_clones")[:1]),
        )
    )
    return TotalOfLastDays(
        views=known_sum(views for views, _ in windows),
        clones=known_sum(clones for _, clones in windows),
    )


def known_sum(figures: Iterable[int | None]) -> int | None:
    """Of those that are known; None where none is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def whole_number(total: object) -> int | None:
    """PostgreSQL adds up big integers as a decimal number."""
    return None if total is None else int(str(total))
