"""What the overview says of all repositories together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from repos.pages.charts import Chart, total_charts
from repos.pages.panels import Panel
from repos.pages.tables import total_rows
from repos.selectors import Day
from repos.traffic.axes import Axis
from repos.traffic.series import per_step, positions_of
from repos.traffic.totals import TotalDay, known_sum


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
    shown = [panel for panel in panels if panel.traffic.days]
    if axis is None or not shown or len(panels) < 2:
        return None
    days = _added_up(panel.traffic.days for panel in shown)
    positions = positions_of([day.date for day in days], axis)
    values = {
        "views": per_step([day.views for day in days], positions, axis),
        "clones": per_step([day.clones for day in days], positions, axis),
    }
    windows = [panel.traffic.last_14_days for panel in panels]
    return Total(
        days=days,
        charts=total_charts(values),
        chart_data=values | {"growing": []},
        window_views=known_sum(window.views for window in windows),
        window_clones=known_sum(window.clones for window in windows),
    )


def _added_up(histories: Iterable[Sequence[Day]]) -> list[TotalDay]:
    """Of days that are loaded already: one more query for the same rows would cost more."""
    views: dict[date, int] = {}
    clones: dict[date, int] = {}
    repositories: dict[date, int] = {}
    for days in histories:
        for day in days:
            on = day.date
            repositories[on] = repositories.get(on, 0) + 1
            if day.views is not None:
                views[on] = views.get(on, 0) + day.views
            if day.clones is not None:
                clones[on] = clones.get(on, 0) + day.clones
    return [
        TotalDay(on, views.get(on), clones.get(on), count)
        for on, count in sorted(repositories.items())
    ]
