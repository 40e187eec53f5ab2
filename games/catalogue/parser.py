"""Import files of a game catalogue, CSV or JSON, as entries; touches no database.

All or nothing: a file with one bad line yields no entry, and every bad line is named.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from core.files import csv
from core.text import comparison_key
from games.names import GAME_NAME_LENGTH, GENRE_NAME_LENGTH, name_problem, released_problem

COLUMNS = ("name", "genre")
_LIMITS = {"name": GAME_NAME_LENGTH, "genre": GENRE_NAME_LENGTH}
_SEPARATORS = re.compile(r"[ \t\r\n,]*")
_YEAR = re.compile(r"[0-9]{4}")
# How much of what is wrong an error repeats.
_SHOWN_CHARACTERS = 40


class Entry(NamedTuple):
    """`released`: None where the file has no year."""

    line: int
    name: str
    genre: str
    released: int | None = None


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


def read_csv(content: bytes, *, today: date) -> list[Entry]:
    """Entries of a CSV file (core.files.csv) whose first line names the columns `name`, `genre`
    and, optionally, `released`; other columns are ignored. Raises InvalidCatalogue."""
    return _checked(lambda: _csv_records(content), today)


def read_json(content: bytes, *, today: date) -> list[Entry]:
    """Entries of a JSON array of objects with `name`, `genre` and, if they like, `released`.
    Raises InvalidCatalogue."""
    return _checked(lambda: _json_records(csv.decode_csv(content)), today)


# A record: the line it starts on, and its fields or why there are none.
Record = tuple[int, dict[str, str] | str]


def _checked(read: Callable[[], Iterable[Record]], today: date) -> list[Entry]:
    entries: list[Entry] = []
    problems: list[Problem] = []
    line_of: dict[tuple[str, int | None], int] = {}
    try:
        for line, fields in read():
            if isinstance(fields, str):
                problems.append(Problem(line, fields))
            elif found := _field_problems(fields, today):
                problems.extend(Problem(line, message) for message in found)
            else:
                entry = _entry(line, fields)
                first_line = line_of.setdefault((comparison_key(entry.name), entry.released), line)
                if first_line == line:
                    entries.append(entry)
                else:
                    problems.append(
                        Problem(line, f"{entry.name!r} is already on line {first_line}.")
                    )
    except csv.CsvError as error:
        raise InvalidCatalogue([Problem(error.line, error.message)]) from error
    if not entries and not problems:
        problems.append(Problem(0, "The file holds no games."))
    if problems:
        raise InvalidCatalogue(problems)
    return entries


def _entry(line: int, fields: dict[str, str]) -> Entry:
    year = fields.get("released")
    return Entry(line, fields["name"], fields["genre"], int(year) if year else None)


def _field_problems(fields: dict[str, str], today: date) -> list[str]:
    found = [
        f"{column}: {message}"
        for column in COLUMNS
        if (message := _text_problem(fields[column], max_length=_LIMITS[column]))
    ]
    year = fields.get("released", "")
    if year and not _YEAR.fullmatch(year):
        found.append(f"released: Give a year like 1985, not {year[:_SHOWN_CHARACTERS]!r}.")
    elif year and (message := released_problem(int(year), today=today)):
        found.append(f"released: {message.removesuffix('.')}, not {year!r}.")
    return found


def _text_problem(value: str, *, max_length: int) -> str | None:
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "This is not UTF-8; save the file as UTF-8."
    return name_problem(value, max_length=max_length)


def _csv_records(content: bytes) -> Iterator[Record]:
    table = csv.read_csv(content)
    columns = table.columns
    if any(columns.count(column) != 1 for column in COLUMNS) or columns.count("released") > 1:
        found = f"'{','.join(columns)[:_SHOWN_CHARACTERS]}'" if columns else "nothing"
        message = (
            "Name the columns in the first line: name,genre or name,genre,released (each once);"
            f" found {found}."
        )
        raise InvalidCatalogue([Problem(table.header_line, message)])
    for row in table.rows:
        if isinstance(row, csv.CsvError):
            yield row.line, row.message
        else:
            yield row.line, row.cells


def _json_records(text: str) -> Iterator[Record]:
    for line, value in _json_items(text):
        # Objects come as tuples of pairs, so that a name given twice is still seen.
        if not isinstance(value, tuple):
            yield line, 'Each game is an object like {"name": "Tetris", "genre": "Puzzle"}.'
            continue
        given = [name for name, _ in value]
        fields = dict(value)
        wrong = [
            name for name in COLUMNS if given.count(name) != 1 or not isinstance(fields[name], str)
        ]
        if wrong:
            yield line, f"Give {' and '.join(wrong)} once, as text."
        elif given.count("released") > 1 or not _is_year(fields.get("released")):
            yield line, "Give released once, as a year like 1985 or null."
        else:
            year = fields.get("released")
            texts = {name: fields[name].strip() for name in COLUMNS}
            yield line, texts | {"released": "" if year is None else str(int(year))}


def _is_year(value: object) -> bool:
    """A whole number, which `_json_items` reads as a float, or null."""
    return value is None or (isinstance(value, float) and value.is_integer())


def _json_items(text: str) -> Iterator[tuple[int, object]]:
    """The items of the outer array, each with the line it starts on."""
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
