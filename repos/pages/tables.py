"""The figures behind a chart as rows of an HTML table."""

from collections.abc import Iterable
from datetime import date

from django.utils.safestring import SafeString, mark_safe

from repos.selectors import Day
from repos.traffic.merging import COVERED_DAYS, ONE_DAY

GROWING = "may still grow"
TOO_LOW = "may be too low"
# A later fetch covers a day for so long; what was not complete by then stays as it is.
CAN_GROW = COVERED_DAYS * ONE_DAY


def table_rows(days: Iterable[Day], *, today: date) -> SafeString:
    """One row a day. Put together here, not in a template: ten years are 3,650 rows."""
    growing_from = today - CAN_GROW
    return mark_safe(  # noqa: S308  # dates and numbers only
        "\n".join(
            f"<tr><td>{day.date}</td><td>{_cell(day.views)}</td>"
            f"<td>{_cell(day.unique_visitors)}</td><td>{_cell(day.clones)}</td>"
            f"<td>{_cell(day.unique_cloners)}</td><td>{note_of(day, growing_from)}</td></tr>"
            for day in days
        )
    )


def note_of(day: Day, growing_from: date) -> str:
    if day.complete:
        return ""
    return GROWING if day.date >= growing_from else TOO_LOW


def _cell(figure: int | None) -> int | str:
    """Nothing where the figure is unknown: a 0 would be a lie."""
    return "" if figure is None else figure
