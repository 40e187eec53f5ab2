"""What a chart draws of one repository along an axis."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from repos.models import TrafficWeek
from repos.selectors import Day
from repos.traffic.axes import Axis, Grouping
from repos.traffic.merging import ONE_DAY, larger

Values = list[float | None]


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each step of the axis; None: nothing is known.

    By day: the day's figures. By week: the views and clones of the week, and the people of the week
    as GitHub counted them, since those of its days cannot be added up. By month: the average of the
    month's days, because a sum of daily people has no meaning, and a month of which only some days
    were collected would look like a dip.

    `collected`: of how many days; `growing`: where figures may still be too low.
    """

    values: Mapping[str, Values]
    collected: list[int] = field(default_factory=list)
    growing: list[int] = field(default_factory=list)


def series_of(days: Sequence[Day], weeks: Iterable[TrafficWeek], axis: Axis) -> Series:
    """`weeks` count where the axis goes by week."""
    positions = positions_of([day.date for day in days], axis)
    values = {
        "views": per_step([day.views for day in days], positions, axis),
        "unique_visitors": per_step([day.unique_visitors for day in days], positions, axis),
        "clones": per_step([day.clones for day in days], positions, axis),
        "unique_cloners": per_step([day.unique_cloners for day in days], positions, axis),
    }
    if axis.grouping is Grouping.WEEK:
        values = _with_weeks(values, weeks, axis)
    collected = [0] * len(axis)
    for position in positions:
        collected[position] += 1
    return Series(
        values=values,
        collected=collected,
        growing=sorted(
            {position for day, position in zip(days, positions, strict=True) if not day.complete}
        ),
    )


def per_step(figures: Sequence[int | None], positions: Sequence[int], axis: Axis) -> Values:
    """Of the known figures of each step: the figure, the sum of a week, the average of a month."""
    values: Values = [None] * len(axis)
    if axis.grouping is Grouping.DAY:
        for figure, position in zip(figures, positions, strict=True):
            values[position] = figure
        return values
    sums, counts = [0] * len(axis), [0] * len(axis)
    for figure, position in zip(figures, positions, strict=True):
        if figure is not None:
            sums[position] += figure
            counts[position] += 1
    by_week = axis.grouping is Grouping.WEEK
    for position, count in enumerate(counts):
        if count:
            values[position] = sums[position] if by_week else _average(sums[position], count)
    return values


def growth_per_step(growth: Sequence[int], dates: Sequence[date], axis: Axis) -> Values:
    """`growth`: since the date before, each on its date. The sum of a week; of a month the average
    of all its days from the first date to the last, since what grows on a day without a fetch is
    told by the next one."""
    positions = positions_of(dates, axis)
    if axis.grouping is not Grouping.MONTH:
        return per_step(growth, positions, axis)
    sums: dict[int, int] = defaultdict(int)
    for figure, position in zip(growth, positions, strict=True):
        sums[position] += figure
    values: Values = [None] * len(axis)
    for position, total in sums.items():
        start = axis.starts[position]
        end = start + (axis.days_in(position) - 1) * ONE_DAY
        days = (min(end, dates[-1]) - max(start, dates[0])).days + 1
        values[position] = _average(total, days)
    return values


def last_of_step(figures: Sequence[int | None], positions: Sequence[int], axis: Axis) -> Values:
    """The last known figure of each step, for what is a state and no event, such as stars."""
    values: Values = [None] * len(axis)
    for figure, position in zip(figures, positions, strict=True):
        if figure is not None:
            values[position] = figure
    return values


def positions_of(dates: Sequence[date], axis: Axis) -> list[int]:
    """On the axis; the dates lie within it."""
    if axis.grouping is Grouping.DAY:
        first = axis.first.toordinal()
        return [day.toordinal() - first for day in dates]
    return [axis.position_of(day) for day in dates]


def _with_weeks(
    values: Mapping[str, Values], weeks: Iterable[TrafficWeek], axis: Axis
) -> dict[str, Values]:
    """Weekly people from GitHub alone; of views and clones the larger of its figure and the sum of
    the collected days."""
    together: dict[str, Values] = {
        "views": list(values["views"]),
        "unique_visitors": [None] * len(axis),
        "clones": list(values["clones"]),
        "unique_cloners": [None] * len(axis),
    }
    for week in weeks:
        if not axis.first <= week.week <= axis.last:
            continue
        position = axis.position_of(week.week)
        for name, steps in together.items():
            steps[position] = larger(_whole(steps[position]), getattr(week, name))
    return together


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _average(total: int, count: int) -> float:
    average = total / count
    return round(average, 1) if average < 100 else round(average)
