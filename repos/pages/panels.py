"""Everything that a page says about one repository."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.safestring import SafeString

from core.dates import DateRange
from repos.pages.svg import render_sparkline
from repos.pages.tables import table_rows
from repos.selectors import Day, RepositoryTraffic
from repos.traffic.axes import ONE_DAY, Axis, Grouping
from repos.traffic.series import Series, series_of

# A day without figures yet is no gap worth drawing: today's come with the next fetch.
USUAL_LAG = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the days shown. Daily uniques are averaged, never summed."""

    views: int | None
    clones: int | None
    visitors_a_day: float | None
    cloners_a_day: float | None
    collected: int
    missing: int
    growing: int
    busiest: Day


@dataclass(frozen=True, slots=True)
class Panel:
    """`drawings`: views, then clones. `axis` is None where there is nothing to draw."""

    traffic: RepositoryTraffic
    axis: Axis | None
    series: Series | None
    summary: Summary | None
    today: date

    @property
    def id(self) -> str:
        return str(self.traffic.id)

    @property
    def views(self) -> int:
        return (self.summary.views or 0) if self.summary else 0

    @property
    def last_fetched_before_yesterday(self) -> bool:
        fetched = self.traffic.last_fetched_at
        return fetched is not None and self.today - fetched.date() > ONE_DAY

    @property
    def rows(self) -> SafeString:
        return table_rows(self.traffic.days, today=self.today)

    @property
    def views_drawing(self) -> SafeString:
        return self._drawing("views", "unique_visitors")

    @property
    def clones_drawing(self) -> SafeString:
        return self._drawing("clones", "unique_cloners")

    @property
    def chart_data(self) -> dict[str, Any]:
        """For the script; `collected` only where several days share a step."""
        if self.series is None or self.axis is None:
            return {}
        data: dict[str, Any] = {**self.series.values, "growing": self.series.growing}
        if self.axis.grouping is not Grouping.DAY:
            data["collected"] = self.series.collected
        return data

    def _drawing(self, total: str, unique: str) -> SafeString:
        assert self.series is not None  # noqa: S101  # the template asks only where there are days
        return render_sparkline(self.series.values[total], self.series.values[unique])


def shared_axis(
    all_traffic: Sequence[RepositoryTraffic],
    *,
    within: DateRange,
    grouping: Grouping | None,
    today: date,
) -> Axis | None:
    """One for all charts of a page, so that they can be compared; None without a single day."""
    ends = [(one.days[0].date, one.days[-1].date) for one in all_traffic if one.days]
    if not ends:
        return None
    first = min(first for first, _ in ends)
    last = max(last for _, last in ends)
    # What was not collected at an end of the asked range is a gap too; but nobody could have
    # collected the time before the first day of all, or the future.
    asked_last = min(within.end or today, today)
    if asked_last - last >= USUAL_LAG:
        last = asked_last
    days = (last - first).days + 1
    return Axis(first, last, grouping or Grouping.fitting(days))


def panel_of(traffic: RepositoryTraffic, axis: Axis | None, *, today: date) -> Panel:
    if axis is None or not traffic.days:
        return Panel(traffic, axis=None, series=None, summary=None, today=today)
    return Panel(
        traffic,
        axis,
        series=series_of(traffic.days, axis),
        summary=_summary_of(traffic.days, axis),
        today=today,
    )


def _summary_of(days: Sequence[Day], axis: Axis) -> Summary:
    collected = len(days)
    until = max(axis.last, days[-1].date)
    return Summary(
        views=_sum(day.views for day in days),
        clones=_sum(day.clones for day in days),
        visitors_a_day=_average(day.unique_visitors for day in days),
        cloners_a_day=_average(day.unique_cloners for day in days),
        collected=collected,
        missing=(until + ONE_DAY - days[0].date).days - collected,
        growing=sum(not day.complete for day in days),
        busiest=max(days, key=lambda day: day.views or 0),
    )


def _sum(figures: Iterable[int | None]) -> int | None:
    """Of those that are known; None where none is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def _average(figures: Iterable[int | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return round(sum(known) / len(known), 1) if known else None
