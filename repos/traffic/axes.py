"""The days of a chart, one by one or rolled up into weeks and months."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from repos.traffic.merging import ONE_DAY

# Beyond these the points of a chart would touch each other.
MOST_DAYS_BY_DAY = 120
MOST_DAYS_BY_WEEK = 3 * 366


class Grouping(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @classmethod
    def fitting(cls, days: int) -> "Grouping":
        """The finest that stays legible for so many days."""
        if days <= MOST_DAYS_BY_DAY:
            return cls.DAY
        return cls.WEEK if days <= MOST_DAYS_BY_WEEK else cls.MONTH


@dataclass(frozen=True, slots=True)
class Axis:
    """From `first` to `last`, both included, in steps; the first and last step may be cut short.

    Weeks begin on Mondays, as GitHub's do.
    """

    first: date
    last: date
    grouping: Grouping
    starts: list[date] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", self._steps())

    def __len__(self) -> int:
        return len(self.starts)

    def position_of(self, day: date) -> int:
        return bisect_right(self.starts, day) - 1

    def days_in(self, position: int) -> int:
        """How many days of the range the step holds."""
        following = position + 1
        end = self.starts[following] if following < len(self.starts) else self.last + ONE_DAY
        return (end - self.starts[position]).days

    def _steps(self) -> list[date]:
        begin, following = _STEPS[self.grouping]
        steps = [self.first]
        try:
            while (step := following(begin(steps[-1]))) <= self.last:
                steps.append(step)
        except OverflowError:  # the last days of the calendar
            pass
        return steps


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


_STEPS: dict[Grouping, tuple[Callable[[date], date], Callable[[date], date]]] = {
    Grouping.DAY: (lambda day: day, lambda day: day + ONE_DAY),
    Grouping.WEEK: (_monday, lambda day: day + timedelta(days=7)),
    Grouping.MONTH: (
        lambda day: day.replace(day=1),
        lambda day: (day + timedelta(days=31)).replace(day=1),
    ),
}
