"""CSV files as spreadsheets and programs write them, read row by row, and cells for writing.

Comma, semicolon and tab, with or without a first line `sep=;`; LF, CRLF and CR; UTF-8 with or
without a byte order mark, UTF-16 with one; column names in any case; blank rows and empty columns
at the end are ignored. Everything else is an error that names line, column, what was found and
what is wanted.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

DELIMITERS = ",;\t"
# How much of a wrong cell an error repeats.
_QUOTED_CHARACTERS = 40

_UTF_32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?[ \t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
_LOCAL_DATE = re.compile(
    r"(?![0-9]{4}-[0-9]{2}-[0-9]{2})[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}\.?(?: .*)?"
)
_LOCAL_NUMBER = re.compile(r"[0-9]+(?:[.,'\u2019\s][0-9]+)+")
# What a spreadsheet would run rather than show (OWASP, CSV injection), wide forms included. One
# apostrophe in front makes text of it; a text that has apostrophes there already gets one more, so
# a reader who takes one off has what was stored.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 ]*(?:\.[0-9]+)?")  # phone numbers too
_UNDECODABLE = re.compile("[\udc80-\udcff]")


class CsvError(ValueError):
    """What is wrong with a file or, where `line` is not 0, with one of its rows.

    `line` counts from 1 as an editor does, and is part of `str(error)`; `message` is without it.
    """

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(f"Line {line}: {message}" if line else message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class CsvRow:
    """`line` is where the row starts; `cells` are trimmed, by lower-case column name."""

    line: int
    cells: dict[str, str]

    def error(self, column: str, wanted: str) -> CsvError:
        """That the cell in `column` is not `wanted`, a noun phrase with an example."""
        return cell_error(self.line, column, found=self.cells[column], wanted=wanted)


@dataclass(frozen=True, slots=True)
class CsvTable:
    """`columns` as in the header: lower case, trimmed, empty ones at the end left out; a name that
    occurs twice is for the caller to judge. A row that cannot be read is an error among `rows`."""

    header_line: int
    columns: list[str]
    rows: Iterator[CsvRow | CsvError]


def read_csv(content: bytes) -> CsvTable:
    """The table in `content`. Rows are read as they are asked for.

    A file without a single row has no columns. Raises CsvError where not even the header is
    readable.
    """
    text = decode_csv(content)
    delimiter, text, lines_before = _delimiter_of(text)
    rows = _numbered_rows(text, delimiter, lines_before)
    header_line, header = next(rows, (1, []))
    if isinstance(header, CsvError):
        raise header
    columns = [cell.lower() for cell in _without_empty_end(header)]
    return CsvTable(header_line, columns, _table_rows(rows, columns, delimiter))


def decode_csv(content: bytes) -> str:
    """Text of the file, without byte order mark. Bytes that are not UTF-8 become lone surrogates,
    so that the row they stand in can be named. Raises CsvError for other encodings."""
    if content.startswith(_UTF_32_MARKS):
        raise CsvError("The file is UTF-32; save it as UTF-8.")
    if content.startswith(_UTF_16_MARKS):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise CsvError(f"The file is damaged UTF-16 (byte {error.start}).") from error
    if b"\0" in content[:4]:
        raise CsvError("The file is binary, or UTF-16 without a byte order mark; save it as UTF-8.")
    return content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def cell_error(line: int, column: str, *, found: str, wanted: str) -> CsvError:
    """Names the line, the column, what stands there and the form that is wanted."""
    shown = found if len(found) <= _QUOTED_CHARACTERS else f"{found[:_QUOTED_CHARACTERS]}…"
    kind = local_form_of(found)
    what = f"'{shown}'" if shown else "an empty cell"
    note = f", {kind}" if kind else ""
    return CsvError(f"column {column}: found {what}{note}; wanted is {wanted}.", line=line)


def local_form_of(text: str) -> str | None:
    """The kind of a date or number as a spreadsheet shows it in some country, or None."""
    if _LOCAL_DATE.fullmatch(text):
        return "a date in a local form"
    if _LOCAL_NUMBER.fullmatch(text):
        return "a number with a separator"
    return None


def without_formula(text: str) -> str:
    """`text` for a cell that a spreadsheet must show and not run; reversible (see _FORMULA)."""
    is_formula = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _delimiter_of(text: str) -> tuple[str, str, int]:
    """The delimiter, the text behind a line that names it, and how many lines that was."""
    if match := _SEPARATOR_LINE.match(text):
        return match[1], text[match.end() :], 1
    header = next((line for line in _lines(text) if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count), text, 0


def _lines(text: str) -> Iterator[str]:
    return iter(io.StringIO(text, newline=None))


def _numbered_rows(
    text: str, delimiter: str, lines_before: int
) -> Iterator[tuple[int, list[str] | CsvError]]:
    """Each row that is not blank with the line it starts on, or why it cannot be read."""
    # Universal line ends, untranslated: https://docs.python.org/3/library/io.html#io.StringIO
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1 + lines_before
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, CsvError(f"This is not CSV ({error}).", line=line)
            continue
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if any(_UNDECODABLE.search(cell) for cell in cells):
            yield line, CsvError("This is not UTF-8; save the file as UTF-8.", line=line)
        else:
            yield line, cells


def _table_rows(
    rows: Iterator[tuple[int, list[str] | CsvError]], columns: list[str], delimiter: str
) -> Iterator[CsvRow | CsvError]:
    for line, row in rows:
        if isinstance(row, CsvError):
            yield row
            continue
        cells = row[: len(columns)] + _without_empty_end(row[len(columns) :])
        if len(cells) == len(columns):
            yield CsvRow(line, dict(zip(columns, cells, strict=True)))
            continue
        name = _NAMES.get(delimiter, repr(delimiter))
        advice = (
            f"put a text with {name} into double quotes"
            if len(cells) > len(columns)
            else f"the column {columns[len(cells)]} has none; write {name} for an empty field too"
        )
        yield CsvError(
            f"There are {len(cells)} fields, but {len(columns)} columns; {advice}.", line=line
        )


_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab"}


def _without_empty_end(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]
