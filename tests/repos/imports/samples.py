"""Files shaped as the keepers write them."""

import contextlib
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

GITHUB_VIEWS = {
    "count": 56,
    "uniques": 4,
    "views": [
        {"timestamp": "2026-03-03T00:00:00Z", "count": 50, "uniques": 3},
        {"timestamp": "2026-03-05T00:00:00Z", "count": 6, "uniques": 2},
    ],
}
GITHUB_CLONES = {
    "count": 9,
    "uniques": 5,
    "clones": [{"timestamp": "2026-03-04T00:00:00Z", "count": 9, "uniques": 5}],
}
GITHUB_WEEKS = {
    "count": 1703,
    "uniques": 482,
    "views": [
        {"timestamp": "2026-02-23T00:00:00Z", "count": 440, "uniques": 143},
        {"timestamp": "2026-03-02T00:00:00Z", "count": 1263, "uniques": 339},
    ],
}
TRACKER_STATE = {
    "schemaVersion": 3,
    "totalViews": 9000,
    "baselineViews": 100,
    "dailyHistory": [
        {"date": "2026-02-10T00:00:00Z", "views": 12, "clones": 4, "capturedAt": "x", "stars": 7},
        {
            "date": "2026-02-11T00:00:00Z",
            "views": 20,
            "uniqueViews": 6,
            "clones": 8,
            "uniqueClones": 0,
            "organicClones": 2,
        },
        {"date": "2026-02-12T00:00:00Z", "clones": 0, "uniqueClones": 0},
    ],
}
REPO_STATS_FRAGMENT = (
    "time_iso8601,clones_total,clones_unique,views_total,views_unique\n"
    "2020-12-21 00:00:00+00:00,2.0,1.0,59,13\n"
    "2020-12-22 00:00:00+00:00,,,40,23\n"
)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


GhstatsRow = tuple[int, str, int, int, int, int, int]


def ghstats_database(
    repositories: Mapping[int, str], rows: Iterable[GhstatsRow], *, extra: str = ""
) -> bytes:
    """`rows`: repo_id, date, stars, views, unique visitors, clones, unique cloners."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ghstats.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            _fill(connection, repositories, rows, extra)
        return path.read_bytes()


def _fill(
    connection: sqlite3.Connection,
    repositories: Mapping[int, str],
    rows: Iterable[GhstatsRow],
    extra: str,
) -> None:
    connection.executescript(
        """
        PRAGMA user_version = 3;
        CREATE TABLE repos (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT, archived BOOLEAN,
            stars_synced BOOLEAN DEFAULT 0, fork BOOLEAN DEFAULT 0, hidden BOOLEAN DEFAULT 0
        );
        CREATE TABLE repo_stats (
            repo_id INTEGER NOT NULL, date TEXT NOT NULL,
            stars INTEGER NOT NULL DEFAULT 0, forks INTEGER NOT NULL DEFAULT 0,
            watchers INTEGER NOT NULL DEFAULT 0, issues INTEGER NOT NULL DEFAULT 0,
            clones_count INTEGER NOT NULL DEFAULT 0, clones_uniques INTEGER NOT NULL DEFAULT 0,
            views_count INTEGER NOT NULL DEFAULT 0, views_uniques INTEGER NOT NULL DEFAULT 0,
            prs INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (repo_id, date)
        );
        """
    )
    connection.executemany("INSERT INTO repos (id, name) VALUES (?, ?)", repositories.items())
    connection.executemany(
        "INSERT INTO repo_stats (repo_id, date, stars, views_count, views_uniques, clones_count,"
        " clones_uniques) VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    connection.executescript(extra)
    connection.commit()


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return content.getvalue()
