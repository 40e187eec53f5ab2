"""The SQLite file of vladkens/ghstats, read in a process of its own."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from core.exceptions import Unavailable
from repos.github_urls import RepositoryName
from repos.imports import ghstats_program
from repos.imports.ghstats_program import HEADER, ExitStatus
from repos.imports.histories import (
    FileHistory,
    NotTraffic,
    OtherRepositories,
    UnreadableFile,
    day_figures,
)
from repos.imports.values import WANTED_FIGURE, is_figure, parse_day, wanted_date
from repos.traffic.merging import FIGURES, DayFigures

__all__ = ["HEADER", "read_ghstats_file"]

# Wall clock; the processor time is bounded in the process itself.
TIMEOUT_SECONDS = 20.0
_COLUMNS = ("views_count", "views_uniques", "clones_count", "clones_uniques")
_REJECTIONS: Mapping[int, tuple[type[UnreadableFile], str]] = {
    ExitStatus.DAMAGED: (UnreadableFile, "The SQLite file is damaged."),
    ExitStatus.NOT_GHSTATS: (
        NotTraffic,
        "This is a SQLite database, but not one of ghstats: it has no such tables.",
    ),
    ExitStatus.TOO_LARGE: (
        UnreadableFile,
        f"The SQLite file is too large to read, or has over {ghstats_program.MAX_ROWS} rows.",
    ),
    # Ended by the kernel at the bound of its processor time.
    -signal.SIGXCPU: (UnreadableFile, "Reading the SQLite file takes too long."),
}
logger = logging.getLogger(__name__)


def read_ghstats_file(content: bytes, *, wanted: RepositoryName, today: date) -> FileHistory:
    """Raises UnreadableFile, or Unavailable where the process could not do its work."""
    finished = _run_subprocess(content, wanted)
    if finished.returncode in _REJECTIONS:
        kind, message = _REJECTIONS[finished.returncode]
        raise kind(message)
    if finished.returncode != ExitStatus.DONE:
        logger.error(
            "The reader of SQLite files ended with status %d: %s",
            finished.returncode,
            finished.stderr[-2000:].decode(errors="replace"),
        )
        raise Unavailable
    found = json.loads(finished.stdout)
    if found["names"] and not any(wanted.is_called(name) for name in found["names"]):
        raise OtherRepositories(found["names"], wanted=wanted.full_name)
    return FileHistory("ghstats", dict(_days_of(found["rows"], today)))


def _run_subprocess(content: bytes, wanted: RepositoryName) -> "subprocess.CompletedProcess[bytes]":
    request = json.dumps({"name": wanted.full_name}).encode() + b"\n"
    try:
        return subprocess.run(  # noqa: S603  # our own interpreter, our own file
            [sys.executable, "-I", ghstats_program.__file__],
            input=request + content,
            capture_output=True,
            # Nothing of the server's environment: it may hold secrets.
            env={},
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.exception("The reader of SQLite files could not do its work")
        raise Unavailable from error


def _days_of(rows: Iterable[list[Any]], today: date) -> Iterable[tuple[date, DayFigures]]:
    """A row without any traffic is that of another writer (stars, facts), or of a day that nobody
    visited: the file does not tell which, so it tells nothing."""
    days: dict[date, DayFigures] = {}
    for text, *values in rows:
        day = parse_day(text, today=today) if isinstance(text, str) else None
        if day is None:
            raise _wrong("date", text, wanted_date(today))
        for column, value in zip(_COLUMNS, values, strict=True):
            if not is_figure(value):
                raise _wrong(column, value, WANTED_FIGURE)
        if any(values):
            figures = day_figures(dict(zip(FIGURES, values, strict=True)))
            days[day] = figures.merged_with(days.get(day, DayFigures()))
    return days.items()


def _wrong(column: str, found: object, wanted: str) -> UnreadableFile:
    return UnreadableFile(
        f"Table repo_stats, column {column}: found {json.dumps(found)}; wanted is {wanted}."
    )
