"""Rows as CSV and JSON, piece by piece."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson

from core.files.csv import without_formula

Batches = Iterable[Sequence[Sequence[Any]]]


def csv_pieces(header: Sequence[str], batches: Batches) -> Iterator[bytes]:
    """As RFC 4180, in UTF-8. A text that a spreadsheet would take for a formula begins with an
    apostrophe."""
    yield _csv_lines([header])
    for rows in batches:
        yield _csv_lines([_cell(value) for value in row] for row in rows)


def json_pieces(header: Sequence[str], batches: Batches) -> Iterator[bytes]:
    """One array of objects."""
    separator = b"["
    for rows in batches:
        for row in rows:
            yield separator + b"\n" + json_bytes(dict(zip(header, row, strict=True)))
            separator = b","
    yield b"[]\n" if separator == b"[" else b"\n]\n"


def json_bytes(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2, default=str)


def _csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode()


def _cell(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
        case None | bool() | int() | float() | date():
            return value
        case dict() | list():
            return orjson.dumps(value).decode()
    return without_formula(str(value))
