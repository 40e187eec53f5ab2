"""Everything that a page says about one repository."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.safestring import SafeString

from core.dates import DateRange
from repos.models import DownloadDay, RepositoryFacts, TrafficWeek
from repos.pages.charts import (
    Chart,
    download_charts,
    download_values,
    growth_charts,
    growth_values,
    traffic_charts,
)
from repos.pages.tables import can_grow, growth_rows, table_rows
from repos.selectors import Day, RepositoryTraffic
from repos.traffic.axes import Axis, Grouping
from repos.traffic.marks import Mark
from repos.traffic.merging import ONE_DAY
from repos.traffic.series import Series, positions_of, series_of
from repos.traffic.totals import known_sum

# A day without figures yet is no gap worth drawing: today's come with the next fetch.
USUAL_LAG = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class OtherData:
    """What is stored of one repository beside its days, within the shown range."""

    weeks: Sequence[TrafficWeek] = ()
    facts: Sequence[RepositoryFacts] = ()
    downloads: Sequence[DownloadDay] = ()
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the days shown. Daily uniques are averaged, never summed.

    `growing` days may still grow; `too_low` ones can no longer, and were not seen whole.
    """

    views: int | None
    clones: int | None
    visitors_a_day: float | None
    cloners_a_day: float | None
    collected: int
    missing: int
    growing: int
    too_low: int
    busiest: Day


@dataclass(frozen=True, slots=True)
class Panel:
    """`axis` is None where there is nothing to draw; `series` and `summary` where no traffic is
    stored. `history`: the first and last stored day of all, where the range has a beginning or none
    of them lies in it."""

    traffic: RepositoryTraffic
    today: date
    other: OtherData = field(default_factory=OtherData)
    axis: Axis | None = None
    series: Series | None = None
    summary: Summary | None = None
    charts: Mapping[str, Chart] = field(default_factory=dict)
    growth: Sequence[Chart] = ()
    downloads: Sequence[Chart] = ()
    chart_data: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[date, date] | None = None

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
        return table_rows(self.traffic.days, self.other.marks, today=self.today)

    @property
    def growth_rows(self) -> SafeString:
        return growth_rows(self.other.facts, self.other.downloads)


def shared_axis(
    days: Iterable[Sequence[Day]],
    others: Iterable[date] = (),
    *,
    within: DateRange,
    begun: date | None = None,
    grouping: Grouping | None,
    today: date,
) -> Axis | None:
    """One for all charts of a page, so that they can be compared; None without a single day.

    `others`: further dates that have something to draw. `begun`: the first stored day of all, as
    far as it is known.
    """
    dates = [end for one in days if one for end in (one[0].date, one[-1].date)]
    dates.extend(others)
    if not dates:
        return None
    first, last = min(dates), max(dates)
    # What was not collected at an end of the asked range is a gap too; but nobody could have
    # collected the time before the first day of all, or the future.
    if within.start is not None and begun is not None:
        first = min(first, max(within.start, begun))
    asked_last = min(within.end or today, today)
    if asked_last - last >= USUAL_LAG:
        last = asked_last
    return Axis(first, last, grouping or Grouping.fitting((last - first).days + 1))


def panel_of(
    traffic: RepositoryTraffic,
    other: OtherData,
    axis: Axis | None,
    *,
    today: date,
    history: tuple[date, date] | None = None,
) -> Panel:
    if axis is None:
        return Panel(traffic, today, other, history=history)
    days, marks = traffic.days, _marked_steps(other.marks, axis)
    growth, downloads = growth_values(other.facts, axis), download_values(other.downloads, axis)
    series = series_of(days, other.weeks, axis) if days else None
    positions = [position for position, _ in marks]
    since = max(axis.first, history[0]) if history else days[0].date if days else None
    return Panel(
        traffic,
        today,
        other,
        axis,
        series=series,
        summary=_summary_of(days, axis, today, since) if days else None,
        charts=traffic_charts(series.values, positions) if series else {},
        growth=growth_charts(growth, positions),
        downloads=download_charts(downloads, positions),
        chart_data=_chart_data(series, growth | downloads, axis, marks, since),
        history=history,
    )


def _chart_data(
    series: Series | None,
    others: Mapping[str, Any],
    axis: Axis,
    marks: Sequence[tuple[int, list[str]]],
    since: date | None,
) -> dict[str, Any]:
    """For the script; `collected` only where several days share a step. `first`: the step from
    which on a day without figures is a gap."""
    data: dict[str, Any] = dict(others)
    if marks:
        data["marks"] = marks
    if series is not None:
        data |= {**series.values, "growing": series.growing}
        if since is not None:
            data["first"] = axis.position_of(since)
        if axis.grouping is not Grouping.DAY:
            data["collected"] = series.collected
    return data


def _marked_steps(marks: Sequence[Mark], axis: Axis) -> list[tuple[int, list[str]]]:
    """By position on the axis; marks of one week or month stand together."""
    shown = [mark for mark in marks if axis.first <= mark.date <= axis.last]
    steps: dict[int, list[str]] = {}
    for mark, position in zip(shown, positions_of([m.date for m in shown], axis), strict=True):
        steps.setdefault(position, []).append(mark.text)
    return sorted(steps.items())


def _summary_of(days: Sequence[Day], axis: Axis, today: date, since: date | None) -> Summary:
    """`since`: the first day that could have been collected."""
    collected = len(days)
    until = max(axis.last, days[-1].date)
    incomplete = [day for day in days if not day.complete]
    growing = sum(can_grow(day, today=today) for day in incomplete)
    return Summary(
        views=known_sum(day.views for day in days),
        clones=known_sum(day.clones for day in days),
        visitors_a_day=_average(day.unique_visitors for day in days),
        cloners_a_day=_average(day.unique_cloners for day in days),
        collected=collected,
        missing=(until + ONE_DAY - (since or days[0].date)).days - collected,
        growing=growing,
        too_low=len(incomplete) - growing,
        busiest=max(days, key=lambda day: day.views or 0),
    )


def _average(figures: Iterable[int | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return round(sum(known) / len(known), 1) if known else None
