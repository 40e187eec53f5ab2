"""The charts of a page: what each shows, drawn as SVG and named for the script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from repos.models import DownloadDay, RepositoryFacts
from repos.pages.svg import render_chart
from repos.traffic.axes import Axis
from repos.traffic.series import Values, growth_per_step, last_of_step, positions_of

_TITLES = {
    "stars": "Stars",
    "forks": "Forks",
    "watchers": "Watchers",
    "open_issues": "Open issues and pull requests",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """`total` and `unique` are the names of its series in the page's data; `unique` may be empty.

    `is_state`: of something that is so many at a time, such as stars: never a sum or an average,
    and the scale need not begin at zero.
    """

    title: str
    total: str
    drawing: SafeString
    lowest: float
    highest: float
    unique: str = ""
    is_state: bool = False


def traffic_charts(values: Mapping[str, Values], marks: Sequence[int]) -> dict[str, Chart]:
    """Views and clones, each with its people."""
    return {
        total: _chart(title, values, total, unique, marks=marks)
        for title, total, unique in (
            ("Views and unique visitors", "views", "unique_visitors"),
            ("Clones and unique cloners", "clones", "unique_cloners"),
        )
    }


def growth_values(facts: Sequence[RepositoryFacts], axis: Axis) -> dict[str, Values]:
    """The last figure of each step."""
    positions = positions_of([one.date for one in facts], axis)
    values = {
        name: last_of_step([getattr(one, name) for one in facts], positions, axis)
        for name in _TITLES
    }
    return {name: steps for name, steps in values.items() if any(s is not None for s in steps)}


def growth_charts(values: Mapping[str, Values], marks: Sequence[int]) -> list[Chart]:
    return [_chart(_TITLES[name], values, name, marks=marks, is_state=True) for name in values]


def download_values(days: Sequence[DownloadDay], axis: Axis) -> dict[str, Values]:
    if not days:
        return {}
    growth, dates = [day.downloads for day in days], [day.date for day in days]
    return {"downloads": growth_per_step(growth, dates, axis)}


def download_charts(values: Mapping[str, Values], marks: Sequence[int]) -> list[Chart]:
    return [_chart("Downloads of releases", values, name, marks=marks) for name in values]


def total_charts(values: Mapping[str, Values]) -> list[Chart]:
    return [
        _chart(title, values, name) for title, name in (("Views", "views"), ("Clones", "clones"))
    ]


def _chart(
    title: str,
    values: Mapping[str, Values],
    total: str,
    unique: str = "",
    *,
    marks: Sequence[int] = (),
    is_state: bool = False,
) -> Chart:
    lines = [values[total], values[unique] if unique else []]
    known = [value for line in lines for value in line if value is not None]
    lowest = min(known, default=0) if is_state else 0
    return Chart(
        title=title,
        total=total,
        unique=unique,
        drawing=render_chart(*lines, marks=marks, lowest=lowest),
        lowest=lowest,
        highest=max(known, default=0),
        is_state=is_state,
    )
