"""Import files of a game catalogue, CSV or JSON, as entries; touches no database.

All or nothing: a file with one bad line yields no entry, and every bad line is named.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.text import casefold_nfkc
from games.names import GAME_NAME_LENGTH, GENRE_NAME_LENGTH, name_problem

COLUMNS = ("name", "genre")
_WRONG_FIELDS = "There are {} fields, but {} columns; put a text with a comma into double quotes."
_LIMITS = {"name": GAME_NAME_LENGTH, "genre": GENRE_NAME_LENGTH}
_WIDE_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_SEPARATORS = re.compile(r"[ \t\r\n,]*")


class Entry(NamedTuple):
    line: int
    name: str
    genre: str


class Problem(NamedTuple):
    """`line` counts from 1; 0 is the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class InvalidCatalogue(Exception):
    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


def read_csv(content: bytes) -> list[Entry]:
    """Entries of a UTF-8 CSV file whose first line names the columns, in any order and case; other
    columns are ignored. Raises BadCatalogue."""
    return _checked(_csv_records(_text(content)))


def read_json(content: bytes) -> list[Entry]:
    """Entries of a UTF-8 JSON array of objects with `name` and `genre`. Raises BadCatalogue."""
    return _checked(_json_records(_text(content)))


# A record: the line it starts on, and its members or why there are none.
Record = tuple[int, dict[str, str] | str]


def _text(content: bytes) -> str:
    if content.startswith(_WIDE_BYTE_ORDER_MARKS):
        raise InvalidCatalogue([Problem(0, "The file is UTF-16 or UTF-32; save it as UTF-8.")])
    # Bytes that are no UTF-8 become lone surrogates, so that each such line can be named.
    return content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def _checked(records: Iterable[Record]) -> list[Entry]:
    entries: list[Entry] = []
    problems: list[Problem] = []
    line_of: dict[str, int] = {}
    for line, members in records:
        sentences = [members] if isinstance(members, str) else _member_problems(members)
        if not sentences and not isinstance(members, str):
            entry = Entry(line, members["name"], members["genre"])
            first_line = line_of.setdefault(casefold_nfkc(entry.name), line)
            if first_line == line:
                entries.append(entry)
                continue
            sentences = [f"{entry.name!r} is already on line {first_line}."]
        problems.extend(Problem(line, message) for message in sentences)
    if not entries and not problems:
        problems.append(Problem(0, "The file holds no games."))
    if problems:
        raise InvalidCatalogue(problems)
    return entries


def _member_problems(members: dict[str, str]) -> list[str]:
    return [
        f"{column}: {message}"
        for column in COLUMNS
        if (message := _text_problem(members[column], max_length=_LIMITS[column]))
    ]


def _text_problem(value: str, *, max_length: int) -> str | None:
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "This is not UTF-8; save the file as UTF-8."
    return name_problem(value, max_length=max_length)


def _csv_records(text: str) -> Iterator[Record]:
    rows = _csv_rows(text)
    header_line, header = next(rows, (1, []))
    if isinstance(header, str):
        raise InvalidCatalogue([Problem(header_line, header)])
    columns = [cell.strip().lower() for cell in header]
    if any(columns.count(column) != 1 for column in COLUMNS):
        raise InvalidCatalogue(
            [Problem(header_line, "Name the columns in the first line: name,genre (each once).")]
        )
    for line, row in rows:
        if isinstance(row, str):
            yield line, row
        elif len(row) != len(columns):
            yield line, _WRONG_FIELDS.format(len(row), len(columns))
        else:
            yield line, {column: row[columns.index(column)].strip() for column in COLUMNS}


def _csv_rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each row that is not blank with the line it starts on, or why it cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"This is not CSV ({error})."
            continue
        if any(cell.strip() for cell in row):
            yield line, row


def _json_records(text: str) -> Iterator[Record]:
    for line, value in _json_items(text):
        # Objects come as tuples of pairs, so that a name given twice is still seen.
        if not isinstance(value, tuple):
            yield line, 'Each game is an object like {"name": "Tetris", "genre": "Puzzle"}.'
            continue
        given = [name for name, _ in value]
        members = dict(value)
        wrong = [
            name for name in COLUMNS if given.count(name) != 1 or not isinstance(members[name], str)
        ]
        if wrong:
            yield line, f"Give {' and '.join(wrong)} once, as text."
        else:
            yield line, {name: members[name].strip() for name in COLUMNS}


def _json_items(text: str) -> Iterator[tuple[int, object]]:
    """The members of the outer array, each with the line it starts on."""
    _refuse_bad_json(text)
    # `parse_int`: a number is wrong here anyway, and a long one would stop the decoder.
    decoder = json.JSONDecoder(object_pairs_hook=tuple, parse_int=float)
    position = text.index("[") + 1
    line = 1 + text.count("\n", 0, position)
    while text[(start := _after(_SEPARATORS, text, position))] != "]":
        line += text.count("\n", position, start)
        value, end = decoder.raw_decode(text, start)
        yield line, value
        line += text.count("\n", start, end)
        position = end


def _refuse_bad_json(text: str) -> None:
    try:
        value = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        raise InvalidCatalogue(
            [Problem(error.lineno, f"This is not JSON ({error.msg}).")]
        ) from None
    except RecursionError:
        raise InvalidCatalogue([Problem(0, "The file is nested too deeply.")]) from None
    if not isinstance(value, list):
        raise InvalidCatalogue(
            [Problem(0, 'The file must be an array: [{"name": …, "genre": …}, …].')]
        )


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
