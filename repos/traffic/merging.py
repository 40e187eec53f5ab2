"""How figures of the same days from several sources become one history. No database, no HTTP.

GitHub's windows of 14 days overlap: a day comes up to fifteen times, growing while it lasts,
late by a day or two, and cut short when it is about to leave the window. It never comes too large,
so the larger figure is the right one. The maximum makes the order of fetches and imports irrelevant
and a repetition harmless.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

# A fetch covers its own date (UTC) and the 13 days before it. The day before those is listed
# clipped: only the part that is still inside GitHub's window is counted.
COVERED_DAYS = 14
# GitHub adds to a day for up to this long after its end.
SETTLING_TIME = timedelta(hours=48)
# A day that GitHub has not listed by then had no traffic. (Days were seen to be late by two.)
LATEST_LISTING = timedelta(days=7)
ONE_DAY = timedelta(days=1)
# Far above what GitHub counts, and small enough that the sums of histories stay within 64 bits.
MAX_FIGURE = 10**14
FIGURES = ("views", "unique_visitors", "clones", "unique_cloners")


@dataclass(frozen=True, slots=True)
class Count:
    """Events and distinct people of one day or window."""

    total: int = 0
    uniques: int = 0


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day (UTC) or week of one repository; None: the figure is unknown.

    `complete`: the figures will not grow any more.
    """

    views: int | None = None
    unique_visitors: int | None = None
    clones: int | None = None
    unique_cloners: int | None = None
    complete: bool = False

    def merged_with(self, other: "DayFigures") -> "DayFigures":
        return DayFigures(
            views=larger(self.views, other.views),
            unique_visitors=larger(self.unique_visitors, other.unique_visitors),
            clones=larger(self.clones, other.clones),
            unique_cloners=larger(self.unique_cloners, other.unique_cloners),
            complete=self.complete or other.complete,
        )


def larger(one: int | None, other: int | None) -> int | None:
    """The larger figure; one that is unknown never hides one that is known."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


History = Mapping[date, DayFigures]


def merged(one: History, other: History) -> dict[date, DayFigures]:
    """Every day of both, the larger of each figure."""
    return {
        day: one.get(day, DayFigures()).merged_with(other.get(day, DayFigures()))
        for day in sorted(one.keys() | other.keys())
    }


def is_settled(day: date, *, at: datetime) -> bool:
    """Whether GitHub's figures of `day` are final at the moment `at` (aware)."""
    return _has_ended(day, SETTLING_TIME, at=at)


def _has_ended(day: date, ago: timedelta, *, at: datetime) -> bool:
    return at >= datetime.combine(day + ONE_DAY, time.min, tzinfo=UTC) + ago


def fetched_history(
    views: Mapping[date, Count],
    clones: Mapping[date, Count],
    *,
    fetched_at: datetime,
    listed_before: Collection[date] = (),
) -> dict[date, DayFigures]:
    """What a fetch at `fetched_at` (aware) says, given the days that GitHub listed, or had listed
    in a body that has not changed.

    A covered day that GitHub left out had no traffic so far; it is not complete before GitHub lists
    a later day, or a week has passed. The clipped day appears only when it is listed, and this
    fetch never makes it complete.
    """
    today = fetched_at.astimezone(UTC).date()
    covered = {today - n * ONE_DAY for n in range(COVERED_DAYS)}
    newest = max({*views, *clones, *listed_before}, default=date.min)

    def is_complete(day: date) -> bool:
        is_known = day <= newest or _has_ended(day, LATEST_LISTING, at=fetched_at)
        return day in covered and is_known and is_settled(day, at=fetched_at)

    return {
        day: DayFigures(
            views=views.get(day, Count()).total,
            unique_visitors=views.get(day, Count()).uniques,
            clones=clones.get(day, Count()).total,
            unique_cloners=clones.get(day, Count()).uniques,
            complete=is_complete(day),
        )
        for day in sorted(covered | views.keys() | clones.keys())
    }


def first_lost_date(last_covered: date) -> date:
    """The date on which traffic is lost for good if nothing is fetched after `last_covered`.

    The rest of that day, which was still going on, is whole in GitHub's window for the 13 days
    after it and clipped from then on.
    """
    return last_covered + COVERED_DAYS * ONE_DAY
