"""CSV of Foyer and of the keepers that write CSV."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from core.files.csv import CsvError, CsvRow, CsvTable, read_csv
from repos.github_urls import RepositoryName
from repos.imports.histories import (
    MAX_ROWS,
    FileHistory,
    NotTraffic,
    OtherRepositories,
    UnreadableFile,
    day_figures,
)
from repos.imports.values import WANTED_FIGURE, parse_day, parse_figure, wanted_date
from repos.traffic.merging import FIGURES, DayFigures

OWN_COLUMNS = ("date", *FIGURES, "complete")
_TRUTH = {"true": True, "false": False, "1": True, "0": False, "": False}


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """`columns`: the column of each figure that the file may tell. `needs_all`: a file without one
    of them is none of this format; otherwise one is enough, and the others are unknown."""

    name: str
    date_columns: tuple[str, ...]
    columns: Mapping[str, str]
    needs_all: bool = True
    is_written_by_pandas: bool = False
    repository_column: str | None = None

    def fits(self, table: CsvTable) -> bool:
        present = set(table.columns)
        needed = set(self.columns.values())
        return (
            any(name in present for name in self.date_columns)
            and (self.repository_column is None or self.repository_column in present)
            and (needed <= present or (not self.needs_all and bool(needed & present)))
        )


FOYER = CsvFormat("foyer", ("date",), {name: name for name in FIGURES})
FORMATS = (
    FOYER,
    CsvFormat(
        "github-repo-stats",
        ("time_iso8601",),
        {
            "views": "views_total",
            "unique_visitors": "views_unique",
            "clones": "clones_total",
            "unique_cloners": "clones_unique",
        },
        # A fetch of a repository without clones has no columns for them.
        needs_all=False,
        is_written_by_pandas=True,
    ),
    # The first versions of that action left the name of the first column out. It writes views and
    # clones into two files, which people put together.
    CsvFormat(
        "repository-traffic-action",
        ("_date", ""),
        {
            "views": "total_views",
            "unique_visitors": "unique_views",
            "clones": "total_clones",
            "unique_cloners": "unique_clones",
        },
        needs_all=False,
        is_written_by_pandas=True,
    ),
    CsvFormat(
        "github-traffic-stats",
        ("date",),
        {"views": "views", "unique_visitors": "unique_visitors/cloners"},
        repository_column="repository_name",
    ),
    CsvFormat(
        "github-traffic-stats",
        ("date",),
        {"clones": "clones", "unique_cloners": "unique_visitors/cloners"},
        repository_column="repository_name",
    ),
)
_AGGREGATE = "send views_clones_aggregate.csv"
_DAYS_CSV = "send the files that end in -traffic-stats.csv and -clone-stats.csv"
# Columns of files of known keepers that hold something else.
OTHER_FILES: Mapping[frozenset[str], str] = {
    frozenset({"referrer", "views_total", "views_unique"}): (
        f"the referrers of github-repo-stats; {_AGGREGATE}"
    ),
    frozenset({"url_path", "views_total", "views_unique"}): (
        f"the popular paths of github-repo-stats; {_AGGREGATE}"
    ),
    frozenset({"time_iso8601", "stars_cumulative"}): (
        f"the stars of github-repo-stats; {_AGGREGATE}"
    ),
    frozenset({"time_iso8601", "stargazers_cumulative_snapshot"}): (
        f"the stars of github-repo-stats; {_AGGREGATE}"
    ),
    frozenset({"time_iso8601", "forks_cumulative"}): (
        f"the forks of github-repo-stats; {_AGGREGATE}"
    ),
    frozenset({"repository_name", "site", "views", "unique_visitors/cloners"}): (
        f"the referrers of github-traffic-stats; {_DAYS_CSV}"
    ),
}


def read_csv_file(content: bytes, *, wanted: RepositoryName, today: date) -> FileHistory:
    """Raises UnreadableFile with line, column, what was found and what is wanted."""
    try:
        table = read_csv(content)
        file_format = _format_of(table, today)
        return _history_of(table, file_format, wanted, today)
    except CsvError as error:
        raise UnreadableFile(f"{error}", code="invalid_csv") from error


def _format_of(table: CsvTable, today: date) -> CsvFormat:
    if not table.columns:
        raise NotTraffic("The file is empty.", code="invalid_csv")
    other = OTHER_FILES.get(frozenset(table.columns))
    if other is not None:
        raise NotTraffic(f"This is a list of {other}.", code="invalid_csv")
    for file_format in FORMATS:
        if file_format.fits(table):
            _reject_double_columns(table)
            return file_format
    if _is_merged_without_header(table, today):
        raise NotTraffic(
            "This is a merged file of github-traffic-stats without a header, which does not say"
            f" whether it holds views or clones; {_DAYS_CSV}.",
            code="invalid_csv",
        )
    raise NotTraffic(_unknown_header(table), code="invalid_csv")


def _unknown_header(table: CsvTable) -> str:
    found = ",".join(table.columns)
    return (
        f"Line {table.header_line}: found '{found[:80]}{'…' if len(found) > 80 else ''}'; wanted"
        f" is a first line {','.join(OWN_COLUMNS)}, as in traffic.csv, or that of a known keeper:"
        " github-repo-stats, repository-traffic-action or github-traffic-stats."
    )


def _reject_double_columns(table: CsvTable) -> None:
    for column in table.columns:
        if column and table.columns.count(column) > 1:
            raise CsvError(f"The column {column} occurs twice.", line=table.header_line)


def _is_merged_without_header(table: CsvTable, today: date) -> bool:
    match table.columns:
        case [_, day, total, uniques]:
            return parse_day(day, today=today) is not None and total.isdigit() and uniques.isdigit()
    return False


def _history_of(
    table: CsvTable, file_format: CsvFormat, wanted: RepositoryName, today: date
) -> FileHistory:
    date_column = next(name for name in file_format.date_columns if name in table.columns)
    days: dict[date, DayFigures] = {}
    for row in _rows_of(table, file_format, wanted):
        day = parse_day(row.cells[date_column], today=today)
        if day is None:
            raise (
                row.error(date_column, wanted_date(today))
                if date_column
                else CsvError(
                    f"column 1: found '{row.cells['']}'; wanted is {wanted_date(today)}.",
                    line=row.line,
                )
            )
        figures = _figures_of(row, file_format)
        days[day] = figures.merged_with(days.get(day, DayFigures()))
    return FileHistory(file_format.name, days)


def _rows_of(table: CsvTable, file_format: CsvFormat, wanted: RepositoryName) -> Iterator[CsvRow]:
    """Those of the wanted repository."""
    column, names, found = file_format.repository_column, set(), False
    for number, row in enumerate(table.rows):
        if number >= MAX_ROWS:
            raise CsvError(f"The file has more than {MAX_ROWS} rows.")
        if isinstance(row, CsvError):
            raise row
        if column is None or wanted.is_called(row.cells[column]):
            found = True
            yield row
        else:
            names.add(row.cells[column])
    if names and not found:
        raise OtherRepositories(names, wanted=wanted.full_name)


def _figures_of(row: CsvRow, file_format: CsvFormat) -> DayFigures:
    figures: dict[str, int | None] = {}
    for figure, column in file_format.columns.items():
        text = row.cells.get(column, "")
        if text == "" or (file_format.is_written_by_pandas and text.lower() == "nan"):
            figures[figure] = None
            continue
        value = parse_figure(text, allow_decimals=file_format.is_written_by_pandas)
        if value is None:
            raise row.error(column, WANTED_FIGURE)
        figures[figure] = value
    return day_figures(figures, complete=_is_complete(row, file_format))


def _is_complete(row: CsvRow, file_format: CsvFormat) -> bool:
    """Only our own format knows complete days."""
    if file_format is not FOYER or "complete" not in row.cells:
        return False
    complete = _TRUTH.get(row.cells["complete"].lower())
    if complete is None:
        raise row.error("complete", "true or false")
    return complete
