"""The figures behind the charts as rows of HTML tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from repos.models import DownloadDay, RepositoryFacts
from repos.models.facts import FACTS
from repos.selectors import Day
from repos.traffic.marks import Mark
from repos.traffic.merging import COVERED_DAYS, ONE_DAY
from repos.traffic.totals import TotalDay

GROWING = "may still grow"
TOO_LOW = "may be too low"
# A later fetch covers a day for so long; what was not complete by then stays as it is.
CAN_GROW = COVERED_DAYS * ONE_DAY


def table_rows(days: Iterable[Day], marks: Iterable[Mark], *, today: date) -> SafeString:
    """One row a day. Put together here, not in a template: ten years are 3,650 rows."""
    growing_from = today - CAN_GROW
    texts = texts_by_day(marks)
    return mark_safe(  # noqa: S308  # dates, numbers and what texts_by_day has escaped
        "\n".join(
            f"<tr><td>{day.date}</td><td>{_cell(day.views)}</td>"
            f"<td>{_cell(day.unique_visitors)}</td><td>{_cell(day.clones)}</td>"
            f"<td>{_cell(day.unique_cloners)}</td><td>{_note(day, texts, growing_from)}</td></tr>"
            for day in days
        )
    )


def total_rows(days: Iterable[TotalDay]) -> SafeString:
    return mark_safe(  # noqa: S308  # dates and numbers only
        "\n".join(
            f"<tr><td>{day.date}</td><td>{_cell(day.views)}</td><td>{_cell(day.clones)}</td>"
            f"<td>{day.repositories}</td></tr>"
            for day in days
        )
    )


def growth_rows(facts: Iterable[RepositoryFacts], downloads: Iterable[DownloadDay]) -> SafeString:
    """One row for each day that has facts or downloads."""
    facts_on = {one.date: one for one in facts}
    downloads_on = {one.date: one.downloads for one in downloads}
    rows = []
    for day in sorted(facts_on.keys() | downloads_on.keys()):
        one = facts_on.get(day)
        figures = [getattr(one, name, None) for name in FACTS]
        cells = "".join(f"<td>{_cell(figure)}</td>" for figure in (*figures, downloads_on.get(day)))
        rows.append(f"<tr><td>{day}</td>{cells}</tr>")
    return mark_safe("\n".join(rows))  # noqa: S308  # dates and numbers only


def texts_by_day(marks: Iterable[Mark]) -> Mapping[date, list[str]]:
    """Escaped."""
    texts: dict[date, list[str]] = defaultdict(list)
    for mark in marks:
        texts[mark.date].append(escape(mark.text))
    return dict(texts)


def can_grow(day: Day, *, today: date) -> bool:
    """Whether a later fetch may still add to it."""
    return not day.complete and day.date >= today - CAN_GROW


def _note(day: Day, texts: Mapping[date, list[str]], growing_from: date) -> str:
    if day.complete and day.date not in texts:
        return ""
    notes = texts.get(day.date, [])
    if not day.complete:
        notes = [*notes, GROWING if day.date >= growing_from else TOO_LOW]
    return "; ".join(notes)


def _cell(figure: int | None) -> int | str:
    """Nothing where the figure is unknown: a 0 would be a lie."""
    return "" if figure is None else figure
