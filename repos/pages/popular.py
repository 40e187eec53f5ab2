"""Referrers and paths over time, as rows with a small chart each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString

from repos.pages.svg import render_sparkline
from repos.traffic.popularity import PopularDay, PopularEntry

# Most visited first; the API tells the rest.
MAX_ROWS = 30
_MAX_POINTS = 90


@dataclass(frozen=True, slots=True)
class PopularRow:
    """`views` and `unique_visitors` are those of the newest list, None where this one did not stand
    in it. `most`: the day with the most views of 14 days.
    """

    name: str
    title: str
    drawing: SafeString
    views: int | None
    unique_visitors: int | None
    most: PopularDay


@dataclass(frozen=True, slots=True)
class PopularTable:
    """`as_of`: the date of the newest list; `more`: how many rows are left out."""

    rows: list[PopularRow]
    more: int
    as_of: date | None


def popular_table(entries: Sequence[PopularEntry]) -> PopularTable:
    if not entries:
        return PopularTable([], 0, None)
    first = min(entry.days[0].date for entry in entries)
    as_of = max(entry.days[-1].date for entry in entries)
    return PopularTable(
        rows=[_row(entry, first, as_of) for entry in entries[:MAX_ROWS]],
        more=max(len(entries) - MAX_ROWS, 0),
        as_of=as_of,
    )


def _row(entry: PopularEntry, first: date, last: date) -> PopularRow:
    newest = entry.days[-1]
    is_listed = newest.date == last
    return PopularRow(
        name=entry.name,
        title=entry.title,
        drawing=render_sparkline(_points(entry, first, last)),
        views=newest.views if is_listed else None,
        unique_visitors=newest.unique_visitors if is_listed else None,
        most=max(entry.days, key=lambda day: day.views),
    )


def _points(entry: PopularEntry, first: date, last: date) -> list[float | None]:
    """The views of every day, or of every n-th where the days are many: each is a total of 14 days,
    so that nothing between them is lost."""
    step = (last - first).days // _MAX_POINTS + 1
    views = {day.date: day.views for day in entry.days}
    return [
        max((views[day] for day in _days(start, step) if day in views), default=None)
        for start in _days(first, (last - first).days + 1, step)
    ]


def _days(first: date, count: int, step: int = 1) -> list[date]:
    return [first + timedelta(days=n) for n in range(0, count, step)]
