"""The files below `/badges/<token>/`: what each of them shows."""

from datetime import date

import orjson

from api.preconditions import entity_tag
from core.dates import DateRange
from repos import selectors
from repos.badges.badge import badge_svg, endpoint_json, number_badge
from repos.badges.cache import Image
from repos.badges.chart import Chart, chart_svg
from repos.badges.figures import METRICS, repository_with_badge_token
from repos.models import TrackedRepository
from repos.traffic.axes import Axis, Grouping
from repos.traffic.growth import weeks_of_all
from repos.traffic.marks import marks_of
from repos.traffic.series import positions_of, series_of

SVG = "image/svg+xml; charset=utf-8"
JSON = "application/json"
_UNITS = {
    Grouping.DAY: "by day",
    Grouping.WEEK: "by week",
    Grouping.MONTH: "daily average of each month",
}


def render_image(token: str, name: str, *, today: date) -> Image | None:
    """The file `name`, such as `views.svg`; None for an unknown token or name."""
    metric, _, kind = name.rpartition(".")
    if kind not in ("svg", "json") or (metric not in METRICS and name != "chart.svg"):
        return None
    repository = repository_with_badge_token(token)
    if repository is None:
        return None
    if name == "chart.svg":
        return image_of(chart_svg(_chart_of(repository, today=today)).encode(), SVG)
    label, figure_of = METRICS[metric]
    badge = number_badge(label, figure_of(repository))
    if kind == "json":
        return image_of(orjson.dumps(endpoint_json(badge)), JSON)
    return image_of(badge_svg(badge).encode(), SVG)


def image_of(content: bytes, content_type: str) -> Image:
    return Image(content, content_type, entity_tag(content))


def _chart_of(repository: TrackedRepository, *, today: date) -> Chart:
    """The whole history, in steps that stay legible."""
    days = selectors.days_of(repository, within=DateRange())
    first, last = (days[0].date, days[-1].date) if days else (today, today)
    axis = Axis(first, last, Grouping.fitting((last - first).days + 1))
    shown = DateRange(first, last)
    weeks = weeks_of_all([repository], within=shown).get(repository.pk, ())
    series = series_of(days, weeks, axis)
    marks = marks_of(repository.releases.all(), (), within=shown)
    positions = positions_of([mark.date for mark in marks], axis)
    return Chart(
        title=repository.full_name,
        unit=_UNITS[axis.grouping],
        first=first,
        last=last,
        total=series.values["views"],
        unique=series.values["unique_visitors"],
        marks=[
            (position, mark.text.removeprefix("Release "))
            for position, mark in zip(positions, marks, strict=True)
        ],
    )
