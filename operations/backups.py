"""Copies of a live SQLite database that are whole."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path


class BackupDamaged(Exception):
    """What was copied does not pass SQLite's own check."""


def back_up(database: Path, target: Path) -> int:
    """Copy `database` to `target` while others write, and return the bytes copied.

    SQLite's online backup sees one moment of the database, with everything acknowledged before. (A
    copy of the file alone tears: what is in the write-ahead log is missing, or half of it is.)
    `target` appears complete or not at all; one that stood there before stays until then.
    Raises BackupDamaged, sqlite3.Error, OSError.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        _copy(database, draft)
        _check(draft)
        _sync(draft)
        size = draft.stat().st_size
        draft.replace(target)
        _sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    return size


def _copy(database: Path, draft: Path) -> None:
    # Nobody but the owner reads it, from its first byte on: it holds personal data.
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as source,
        closing(sqlite3.connect(draft)) as copy,
    ):
        source.execute("PRAGMA query_only=1")
        source.backup(copy, pages=-1)
        # A file on its own: opened anywhere, even read-only, without a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def _check(draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as copy:
        (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        broken_keys = copy.execute("PRAGMA foreign_key_check").fetchone()
    if verdict != "ok" or broken_keys:
        raise BackupDamaged(f"the copy does not pass the integrity check: {verdict}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
