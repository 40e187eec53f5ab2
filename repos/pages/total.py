"""What the overview says of all repositories together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from django.utils.safestring import SafeString

from repos.pages.charts import Chart, total_charts
from repos.pages.panels import Panel
from repos.pages.tables import total_rows
from repos.selectors import Day
from repos.traffic.axes import Axis, Grouping
from repos.traffic.merging import larger
from repos.traffic.series import Values, per_step, positions_of
from repos.traffic.totals import (
    TotalDay,
    Window,
    added_up,
    identity_of,
    known_sum,
    total_of_windows,
)


@dataclass(frozen=True, slots=True)
class Total:
    """`window`: sums of GitHub's own figures of the last 14 days, views and clones."""

    days: Sequence[TotalDay]
    charts: Sequence[Chart]
    chart_data: Mapping[str, Any]
    window_views: int | None
    window_clones: int | None

    @property
    def rows(self) -> SafeString:
        return total_rows(self.days)

    @property
    def views(self) -> int | None:
        return known_sum(day.views for day in self.days)

    @property
    def clones(self) -> int | None:
        return known_sum(day.clones for day in self.days)


def total_of(panels: Sequence[Panel], axis: Axis | None) -> Total | None:
    """None where there are not several repositories to add up."""
    histories: dict[int, list[Panel]] = defaultdict(list)
    for panel in panels:
        repository = panel.traffic.repository
        histories[identity_of(repository.pk, repository.github_id)].append(panel)
    shown = [panel for panel in panels if panel.traffic.days]
    if axis is None or not shown or len(histories) < 2:
        return None
    days = added_up(chain.from_iterable(map(_days_of_one, histories.values())))
    positions = positions_of([day.date for day in days], axis)
    values = {
        "views": per_step([day.views for day in days], positions, axis),
        "clones": per_step([day.clones for day in days], positions, axis),
    }
    if axis.grouping is Grouping.WEEK:
        values = {
            name: _at_least(steps, _weeks_of(histories.values(), name))
            for name, steps in values.items()
        }
    window = total_of_windows(_windows(histories))
    return Total(
        days=days,
        charts=total_charts(values),
        chart_data=values | {"growing": []},
        window_views=window.views,
        window_clones=window.clones,
    )


def _weeks_of(histories: Iterable[Sequence[Panel]], name: str) -> Values:
    """What the charts of the repositories draw of each week, added up: where days are missing,
    GitHub's figures of the week tell more than the collected days."""
    of_each = [
        [_largest(steps) for steps in zip(*drawn, strict=True)]
        for panels in histories
        if (drawn := [panel.series.values[name] for panel in panels if panel.series])
    ]
    return [known_sum(map(_whole, steps)) for steps in zip(*of_each, strict=True)]


def _at_least(steps: Values, others: Values) -> Values:
    return [_largest(pair) for pair in zip(steps, others, strict=True)]


def _largest(figures: Iterable[float | None]) -> float | None:
    return max((figure for figure in figures if figure is not None), default=None)


def _whole(figure: float | None) -> int | None:
    return None if figure is None else int(figure)


def _windows(histories: Mapping[int, Iterable[Panel]]) -> Iterator[Window]:
    for identity, panels in histories.items():
        for traffic in (panel.traffic for panel in panels):
            if traffic.window_until is not None:
                figures = traffic.last_14_days
                yield Window(identity, traffic.window_until, figures.views, figures.clones)


def _days_of_one(panels: Sequence[Panel]) -> Iterable[Day | TotalDay]:
    """Of one repository; the larger figures where it is followed under several names. Of days that
    are loaded already: one more query for the same rows would cost more."""
    if len(panels) == 1:
        return panels[0].traffic.days
    largest: dict[date, TotalDay] = {}
    for day in (day for panel in panels for day in panel.traffic.days):
        known = largest.get(day.date, TotalDay(day.date, None, None, 1))
        largest[day.date] = TotalDay(
            day.date, larger(known.views, day.views), larger(known.clones, day.clones), 1
        )
    return largest.values()
