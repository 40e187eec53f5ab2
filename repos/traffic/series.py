"""What a chart draws of one repository along an axis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repos.selectors import Day
from repos.traffic.axes import Axis, Grouping


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each step of the axis: that of the day, or the average of a week's or month's
    days. An average, because people of different days may be the same ones: daily uniques have no
    meaningful sum, and a step of which only some days were collected would look like a dip.

    None: nothing is known. `collected`: of how many days; `growing`: where figures may
    still be too low.
    """

    values: dict[str, list[float | None]]
    collected: list[int]
    growing: list[int]

    @property
    def highest(self) -> dict[str, float]:
        return {
            name: max((value for value in values if value is not None), default=0)
            for name, values in self.values.items()
        }


def series_of(days: Sequence[Day], axis: Axis) -> Series:
    positions = list(_positions(days, axis))
    collected = [0] * len(axis)
    for position in positions:
        collected[position] += 1
    return Series(
        values={
            "views": _averages([day.views for day in days], positions, axis),
            "unique_visitors": _averages([day.unique_visitors for day in days], positions, axis),
            "clones": _averages([day.clones for day in days], positions, axis),
            "unique_cloners": _averages([day.unique_cloners for day in days], positions, axis),
        },
        collected=collected,
        growing=sorted(
            {position for day, position in zip(days, positions, strict=True) if not day.complete}
        ),
    )


def _averages(
    figures: Sequence[int | None], positions: Sequence[int], axis: Axis
) -> list[float | None]:
    """Of the known figures of each step."""
    if axis.grouping is Grouping.DAY:
        values: list[float | None] = [None] * len(axis)
        for figure, position in zip(figures, positions, strict=True):
            values[position] = figure
        return values
    sums, counts = [0] * len(axis), [0] * len(axis)
    for figure, position in zip(figures, positions, strict=True):
        if figure is not None:
            sums[position] += figure
            counts[position] += 1
    return [_average(total, count) for total, count in zip(sums, counts, strict=True)]


def _positions(days: Sequence[Day], axis: Axis) -> Iterable[int]:
    if axis.grouping is Grouping.DAY:
        first = axis.first.toordinal()
        return (day.date.toordinal() - first for day in days)
    return (axis.position_of(day.date) for day in days)


def _average(total: int, count: int) -> float | None:
    if count <= 1:
        return total if count else None
    average = total / count
    return round(average, 1) if average < 100 else round(average)
