"""Reads the SQLite file of vladkens/ghstats. Knows nothing of Django, and is run as a program.

`repos.imports.ghstats` runs it in a process of its own, so that the kernel bounds the memory and
processor time that an untrusted database may take, and a crash of SQLite takes no server with it.

Standard input: one line of JSON, `{"name": "owner/name"}`, then the database. Standard output:
`{"names": [...], "rows": [[date, views, unique visitors, clones, unique cloners], ...]}`, `rows`
only of repositories of that name. The exit status says how it went (`ExitStatus`).

The database is never a file here: it is loaded into memory, so there is nothing to write to and
nothing to open beside it. Everything but reading the named tables is denied by an authorizer
(https://www.sqlite.org/security.html), which turns off triggers, functions, ATTACH and PRAGMAs;
extensions are off unless enabled.
"""

import enum
import json
import resource
import sqlite3
import sys
from contextlib import suppress
from typing import Any

HEADER = b"SQLite format 3\0"
MAX_MEMORY_BYTES = 400 * 1024 * 1024
MAX_SQLITE_HEAP_BYTES = 128 * 1024 * 1024
MAX_PROCESSOR_SECONDS = 10
# In steps of a thousand instructions of SQLite's virtual machine; a century of days takes 2,000.
MAX_STEPS = 200_000
MAX_ROWS = 365_250
MAX_NAMES = 1000
MAX_NAME_CHARACTERS = 200

TABLES = {
    "repos": ("id", "name"),
    "repo_stats": (
        "repo_id",
        "date",
        "views_count",
        "views_uniques",
        "clones_count",
        "clones_uniques",
    ),
}
_READABLE = {*TABLES, "sqlite_master", "sqlite_schema"}


class ExitStatus(enum.IntEnum):
    """1 and 2 are left to Python itself."""

    DONE = 0
    DAMAGED = 10
    NOT_GHSTATS = 11
    TOO_LARGE = 12


class Rejected(Exception):
    def __init__(self, status: ExitStatus) -> None:
        super().__init__(status.name)
        self.status = status


def read_database(content: bytes, name: str) -> dict[str, Any]:
    """The names of all repositories, and the rows of those called `name`. Raises Rejected."""
    try:
        connection = _opened(content)
        _check_tables(connection)
        ids = {}
        names = []
        for repository_id, found in connection.execute("SELECT id, name FROM repos"):
            text = str(found)[:MAX_NAME_CHARACTERS]
            names.append(text)
            if text.casefold() == name.casefold():
                ids[repository_id] = text
        rows = [row for repository_id in ids for row in _rows_of(connection, repository_id)]
    except sqlite3.OperationalError as error:
        is_interrupted = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
        raise Rejected(ExitStatus.TOO_LARGE if is_interrupted else ExitStatus.DAMAGED) from error
    # ValueError: the name of a column in the file is not UTF-8.
    except (sqlite3.Error, ValueError) as error:
        raise Rejected(ExitStatus.DAMAGED) from error
    except MemoryError as error:
        raise Rejected(ExitStatus.TOO_LARGE) from error
    return {"names": sorted(set(names))[:MAX_NAMES], "rows": rows}


def _opened(content: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    # A database in WAL mode cannot be loaded into memory: bytes 18 and 19 say 1 for a rollback
    # journal (https://www.sqlite.org/fileformat.html, "File format version numbers").
    connection.deserialize(content[:18] + b"\1\1" + content[20:])
    for pragma in (
        f"hard_heap_limit = {MAX_SQLITE_HEAP_BYTES}",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "query_only = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.set_authorizer(_authorize)
    steps = iter(range(MAX_STEPS))
    connection.set_progress_handler(lambda: next(steps, None) is None, 1000)
    return connection


def _authorize(action: int, table: str | None, *_: str | None) -> int:
    """Only SELECT from the tables that are needed."""
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    is_readable = action == sqlite3.SQLITE_READ and table in _READABLE
    return sqlite3.SQLITE_OK if is_readable else sqlite3.SQLITE_DENY


def _check_tables(connection: sqlite3.Connection) -> None:
    """Plain tables with the columns that are read: no views, no virtual tables."""
    found = {
        name
        for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master")
        if kind == "table" and str(sql).upper().startswith("CREATE TABLE")
    }
    if not found >= TABLES.keys():
        raise Rejected(ExitStatus.NOT_GHSTATS)
    for table, columns in TABLES.items():
        cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608  # from TABLES
        if not {column[0] for column in cursor.description} >= set(columns):
            raise Rejected(ExitStatus.NOT_GHSTATS)


def _rows_of(connection: sqlite3.Connection, repository_id: object) -> list[tuple[object, ...]]:
    columns = ", ".join(TABLES["repo_stats"][1:])
    cursor = connection.execute(
        f"SELECT {columns} FROM repo_stats WHERE repo_id = ?",  # noqa: S608  # from TABLES
        (repository_id,),
    )
    rows = [tuple(_plain(value) for value in row) for row in cursor.fetchmany(MAX_ROWS + 1)]
    if len(rows) > MAX_ROWS:
        raise Rejected(ExitStatus.TOO_LARGE)
    return rows


def _plain(value: object) -> object:
    """What JSON can tell, cut short: a column of SQLite holds any type."""
    return value if isinstance(value, int) or value is None else str(value)[:64]


def _set_limits() -> None:
    """Memory, processor time, files. Where the platform has no such limit (macOS: memory), SQLite's
    own bounds above hold."""
    for limit, value in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def main() -> ExitStatus:
    _set_limits()
    wanted = json.loads(sys.stdin.buffer.readline())
    try:
        found = read_database(sys.stdin.buffer.read(), wanted["name"])
    except Rejected as rejection:
        return rejection.status
    except MemoryError:
        return ExitStatus.TOO_LARGE
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    return ExitStatus.DONE


if __name__ == "__main__":
    sys.exit(main())
