"""Backups of a live database are whole, and can be put back."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from operations.backups import BackupDamaged, back_up
from tests.system.installation import Installation

BACKUPS = 25


@contextmanager
def writing(database: Path) -> Iterator[list[int]]:
    """The numbers of the rows that a writer was told are stored, while it goes on."""
    acknowledged: list[int] = []
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            while not stop.is_set():
                with connection:
                    number = connection.execute(
                        "INSERT INTO entries (body) VALUES (randomblob(3000)) RETURNING id"
                    ).fetchone()[0]
                    connection.execute(
                        "UPDATE entries SET body = randomblob(3000) WHERE id = ?", [number // 2]
                    )
                acknowledged.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        writer.join()


def test_25_backups_under_writes_are_all_whole(tmp_path: Path) -> None:
    database, backup = tmp_path / "live.sqlite3", tmp_path / "backup.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, body BLOB)")

    with writing(database) as acknowledged:
        for _ in range(BACKUPS):
            before = len(acknowledged)
            back_up(database, backup)

            with closing(sqlite3.connect(backup)) as copy:
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                (rows,) = copy.execute("SELECT count(*) FROM entries").fetchone()
            assert rows >= before

    assert len(acknowledged) > BACKUPS
    assert [path.name for path in tmp_path.glob("*backup*")] == ["backup.sqlite3"]


def test_a_damaged_copy_never_takes_the_place_of_a_good_one(tmp_path: Path) -> None:
    database, backup = tmp_path / "live.sqlite3", tmp_path / "backup.sqlite3"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, body TEXT)")
        connection.execute("CREATE INDEX by_body ON entries (body)")
        connection.executemany("INSERT INTO entries (body) VALUES (?)", [["x" * 500]] * 500)
    back_up(database, backup)
    good = backup.read_bytes()
    damaged = bytearray(database.read_bytes())
    damaged[-3000:-1000] = bytes(2000)
    database.write_bytes(damaged)

    with pytest.raises((BackupDamaged, sqlite3.DatabaseError)):
        back_up(database, backup)

    assert backup.read_bytes() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.sqlite3", "live.sqlite3"]


def test_backup_and_restore_by_the_documented_commands(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "installation")
    (tmp_path / "installation").mkdir()
    assert installation.manage("migrate", "--verbosity", "0").returncode == 0
    database = installation.data_dir / "foyer.sqlite3"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO games_genre (name, name_key) VALUES ('Kept', 'kept')")
    backup = tmp_path / "backup.sqlite3"

    outcome = installation.manage("backup_database", str(backup))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM games_genre")
    # As docs/operations.md says: stopped, the file in place, no log of the old one beside it.
    for name in ("foyer.sqlite3-wal", "foyer.sqlite3-shm"):
        (installation.data_dir / name).unlink(missing_ok=True)
    shutil.copyfile(backup, database)
    restored = installation.manage("migrate", "--check")

    assert outcome.returncode == 0, outcome.stderr
    assert backup.stat().st_mode & 0o777 == 0o600
    assert restored.returncode == 0, restored.stderr
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT name FROM games_genre").fetchall() == [("Kept",)]


@pytest.mark.parametrize("file", ["missing/backup.sqlite3", "."])
def test_what_cannot_be_written_is_said_in_a_sentence(tmp_path: Path, file: str) -> None:
    installation = Installation(tmp_path)
    assert installation.manage("migrate", "--verbosity", "0").returncode == 0

    outcome = installation.manage("backup_database", str(tmp_path / file))

    assert outcome.returncode == 1
    assert outcome.stderr.startswith("CommandError: ")
    assert "Traceback" not in outcome.stderr
