"""History as CSV: our own format, and that of jgehrcke/github-repo-stats."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from core.dates import parse_iso_date
from core.exceptions import ValidationFailed
from repos.selectors import Day
from repos.traffic.merging import DayFigures

COLUMNS = ("date", "views", "unique_visitors", "clones", "unique_cloners", "complete")
LARGEST_FIGURE = 2**63 - 1
# A century of days; more is not a history.
MAX_ROWS = 36_525
EARLIEST = date(2000, 1, 1)

_DIGITS = re.compile(r"[0-9]{1,19}")
# pandas writes whole numbers as 2.0, and nothing or NaN where GitHub listed no such day.
_PANDAS_NUMBER = re.compile(r"([0-9]{1,19})(?:\.0*)?")
_PANDAS_MIDNIGHT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]00:00:00(?:\.0+)?(?:\+00:00|Z)?)?"
)


class UnreadableCsv(ValidationFailed):
    code = "invalid_csv"


def write_csv(days: Iterable[Day]) -> str:
    """Our own format, RFC 4180, oldest day first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for day in days:
        writer.writerow(
            (
                day.date.isoformat(),
                day.views,
                day.unique_visitors,
                day.clones,
                day.unique_cloners,
                "true" if day.complete else "false",
            )
        )
    return text.getvalue()


def read_csv(text: str, *, today: date) -> dict[date, DayFigures]:
    """The days in `text`, in either format. Raises UnreadableCsv with the number of the line.

    Lines of one day are merged by the maximum. Only our own format knows complete days.
    """
    try:
        return _read(csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True), today)
    except csv.Error as error:
        raise UnreadableCsv(f"This is not CSV: {error}.") from error


@dataclass(frozen=True, slots=True)
class _Format:
    date_column: str
    # Column by figure; those in `optional` may be missing and are then zeros.
    figures: dict[str, str]
    parse_date: Callable[[str], date | None]
    parse_number: Callable[[str], int | None]
    may_miss_figures: bool = False


def _digits(text: str) -> int | None:
    return int(text) if _DIGITS.fullmatch(text) else None


def _pandas_number(text: str) -> int | None:
    if text in {"", "NaN", "nan"}:
        return 0
    match = _PANDAS_NUMBER.fullmatch(text)
    return int(match[1]) if match else None


def _pandas_date(text: str) -> date | None:
    match = _PANDAS_MIDNIGHT.fullmatch(text)
    return parse_iso_date(match[1]) if match else None


_OWN = _Format(
    "date",
    {name: name for name in COLUMNS[1:5]},
    parse_iso_date,
    _digits,
)
_GITHUB_REPO_STATS = _Format(
    "time_iso8601",
    {
        "views": "views_total",
        "unique_visitors": "views_unique",
        "clones": "clones_total",
        "unique_cloners": "clones_unique",
    },
    _pandas_date,
    _pandas_number,
    # A fragment of a repository without clones has no columns for them.
    may_miss_figures=True,
)
_TRUTH = {"true": True, "false": False, "1": True, "0": False, "": False}


def _read(rows: Iterable[list[str]], today: date) -> dict[date, DayFigures]:
    history: dict[date, DayFigures] = {}
    columns: list[str] | None = None
    file_format = _OWN
    for number, row in enumerate(rows, start=1):
        if not row:
            continue
        if columns is None:
            columns = [column.strip() for column in row]
            file_format = _format_of(columns)
            continue
        if number > MAX_ROWS:
            raise UnreadableCsv(f"The file has more than {MAX_ROWS} lines.")
        if len(row) != len(columns):
            raise UnreadableCsv(
                f"Line {number} has {len(row)} values, but the header has {len(columns)}."
            )
        cells = dict(zip(columns, (cell.strip() for cell in row), strict=True))
        day, figures = _day(cells, file_format, number, today)
        history[day] = history.get(day, DayFigures()).merged_with(figures)
    if columns is None:
        raise UnreadableCsv(f"The file is empty; its first line must be {','.join(COLUMNS)}.")
    return history


def _format_of(columns: list[str]) -> _Format:
    if len(set(columns)) == len(columns):
        for file_format in (_OWN, _GITHUB_REPO_STATS):
            figures = set(file_format.figures.values())
            present = figures & set(columns)
            if file_format.date_column in columns and (
                present == figures or (present and file_format.may_miss_figures)
            ):
                return file_format
    raise UnreadableCsv(
        f"The first line must be {','.join(COLUMNS)}, as in traffic.csv, or that of"
        " github-repo-stats: time_iso8601,clones_total,clones_unique,views_total,views_unique."
    )


def _day(
    cells: dict[str, str], file_format: _Format, number: int, today: date
) -> tuple[date, DayFigures]:
    day = file_format.parse_date(cells[file_format.date_column])
    if day is None or not EARLIEST <= day <= today:
        raise UnreadableCsv(
            f"Line {number}: {file_format.date_column} must be a date from {EARLIEST} to today"
            f" ({today}, UTC)."
        )
    figures: dict[str, int] = {}
    for figure, column in file_format.figures.items():
        value = file_format.parse_number(cells.get(column, "0"))
        if value is None or value > LARGEST_FIGURE:
            raise UnreadableCsv(f"Line {number}: {column} must be a whole number from 0.")
        figures[figure] = value
    complete = _TRUTH.get(cells.get("complete", "").lower())
    if complete is None:
        raise UnreadableCsv(f"Line {number}: complete must be true or false.")
    return day, DayFigures(**figures, complete=complete)
