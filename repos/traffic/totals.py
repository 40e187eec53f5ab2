"""The traffic of all of a user's repositories together.

Views and clones are events and can be added up. Unique people cannot: who visits two repositories
would be counted twice. So would be a repository that is followed under its old name and its new
one: of histories with one id of GitHub the larger figure of each day counts.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, OuterRef, Subquery, Sum

from core.dates import DateRange
from core.db.date_ranges import within_range
from repos import selectors
from repos.models import TrafficDay
from repos.traffic.merging import COVERED_DAYS, ONE_DAY
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


@dataclass(frozen=True, slots=True)
class Window:
    """GitHub's own figures of the 14 days up to `until`, of the repository with this identity."""

    identity: int
    until: date
    views: int | None
    clones: int | None


@dataclass(frozen=True, slots=True)
class TotalTraffic:
    """`traffic`: oldest day first."""

    traffic: list[TotalDay]
    last_14_days: TotalOfLastDays


def identity_of(repository_id: int, github_id: int | None) -> int:
    """The same for all histories of one repository of GitHub."""
    return github_id or -repository_id


def total_traffic(user: User, *, within: DateRange) -> TotalTraffic:
    """`within` limits the days. Two queries; three where a repository is followed twice."""
    newest = TrafficDay.objects.filter(
        repository=OuterRef("pk"), window_views__isnull=False
    ).order_by("-date")
    rows = list(
        selectors.repositories_of(user).values_list(
            "pk",
            "github_id",
            *(
                Subquery(newest.values(name)[:1])
                for name in ("date", "window_views", "window_clones")
            ),
        )
    )
    counts = Counter(github_id for _, github_id, *_ in rows if github_id is not None)
    return TotalTraffic(
        traffic=_total_days(
            user,
            within=within,
            followed_twice=[github_id for github_id, count in counts.items() if count > 1],
        ),
        last_14_days=total_of_windows(
            Window(identity_of(pk, github_id), until, views, clones)
            for pk, github_id, until, views, clones in rows
            if until is not None
        ),
    )


def _total_days(
    user: User, *, within: DateRange, followed_twice: Collection[int]
) -> list[TotalDay]:
    """`followed_twice`: GitHub's ids of repositories with several histories."""
    days = within_range(TrafficDay.objects.filter(repository__user=user), "date", within)
    once = days.exclude(repository__github_id__in=followed_twice) if followed_twice else days
    sums = (
        once.values("date")
        .annotate(views=Sum("views"), clones=Sum("clones"), repositories=Count("pk"))
        .order_by("date")
        .values_list("date", "views", "clones", "repositories")
    )
    total = [
        TotalDay(day, whole_number(views), whole_number(clones), count)
        for day, views, clones, count in sums
    ]
    if not followed_twice:
        return total
    largest = (
        days.filter(repository__github_id__in=followed_twice)
        .values("date", github_id=F("repository__github_id"))
        .annotate(views=Max("views"), clones=Max("clones"))
        .values_list("date", "views", "clones")
    )
    return added_up([*total, *(TotalDay(day, views, clones, 1) for day, views, clones in largest)])


def added_up(days: Iterable[TotalDay | selectors.Day]) -> list[TotalDay]:
    """One for each date, oldest first. Sums in numbers: pages add up ten thousands of days, and an
    object for each takes five times as long."""
    views: dict[date, int] = {}
    clones: dict[date, int] = {}
    repositories: dict[date, int] = {}
    for day in days:
        on = day.date
        repositories[on] = repositories.get(on, 0) + day.repositories
        if day.views is not None:
            views[on] = views.get(on, 0) + day.views
        if day.clones is not None:
            clones[on] = clones.get(on, 0) + day.clones
    return [
        TotalDay(on, views.get(on), clones.get(on), count)
        for on, count in sorted(repositories.items())
    ]


def total_of_windows(windows: Iterable[Window]) -> TotalOfLastDays:
    """Of each repository the newest. One that ended before the newest of all began is of other
    days: its repository was archived since, or is gone."""
    newest: dict[int, Window] = {}
    for window in windows:
        known = newest.get(window.identity)
        if known is None or known.until < window.until:
            newest[window.identity] = window
    began = max((one.until for one in newest.values()), default=date.min)
    began -= min(COVERED_DAYS * ONE_DAY, began - date.min)
    shown = [one for one in newest.values() if one.until > began]
    return TotalOfLastDays(
        views=known_sum(one.views for one in shown),
        clones=known_sum(one.clones for one in shown),
    )


def known_sum(figures: Iterable[int | None]) -> int | None:
    """Of those that are known; None where none is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def whole_number(total: object) -> int | None:
    """PostgreSQL adds up big integers as a decimal number."""
    return None if total is None else int(str(total))
