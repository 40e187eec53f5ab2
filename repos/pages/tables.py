"""The figures behind a chart as rows of an HTML table."""

from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe

from repos.selectors import Day

GROWING = "may still grow"


def table_rows(days: Iterable[Day]) -> SafeString:
    """One row a day. Put together here, not in a template: ten years are 3,650 rows."""
    return mark_safe(  # noqa: S308  # dates and numbers only
        "\n".join(
            f"<tr><td>{day.date}</td><td>{day.views}</td><td>{day.unique_visitors}</td>"
            f"<td>{day.clones}</td><td>{day.unique_cloners}</td>"
            f"<td>{'' if day.complete else GROWING}</td></tr>"
            for day in days
        )
    )
