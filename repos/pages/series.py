"""What a chart draws of one repository along an axis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repos.pages.axes import Axis, Grouping
from repos.selectors import Day

FIGURES = ("views", "unique_visitors", "clones", "unique_cloners")


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each step of the axis: that of the day, or the average of a week's or month's
    days. An average, because people of different days may be the same ones: daily uniques have no
    meaningful sum, and a step of which only some days were collected would look like a dip.

    None: nothing was collected. `collected`: of how many days; `growing`: where figures may
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
    sums = {name: [0] * len(axis) for name in FIGURES}
    collected = [0] * len(axis)
    growing: set[int] = set()
    for day, position in zip(days, _positions(days, axis), strict=True):
        collected[position] += 1
        sums["views"][position] += day.views
        sums["unique_visitors"][position] += day.unique_visitors
        sums["clones"][position] += day.clones
        sums["unique_cloners"][position] += day.unique_cloners
        if not day.complete:
            growing.add(position)
    return Series(
        values={
            name: [_average(total, count) for total, count in zip(totals, collected, strict=True)]
            for name, totals in sums.items()
        },
        collected=collected,
        growing=sorted(growing),
    )


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
