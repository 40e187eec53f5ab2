"""`manage.py fetch_traffic` in processes of their own, on a database of their own."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.repos.conftest import SERVER_TOKEN
from tests.repos.github_server import GitHubServer

PROJECT = Path(__file__).resolve().parents[2]
_OF_REPOSITORY = "FROM {} t JOIN repos_repository r ON r.id = t.repository_id ORDER BY r.id, 2"
_FIGURES = "views, unique_visitors, clones, unique_cloners"
_TABLES = {
    "days": f"SELECT r.id, date, {_FIGURES}, complete, window_views, window_unique_visitors,"
    f" window_clones, window_unique_cloners {_OF_REPOSITORY.format('repos_trafficday')}",
    "weeks": f"SELECT r.id, week, {_FIGURES} {_OF_REPOSITORY.format('repos_trafficweek')}",
    "growth": "SELECT r.id, date, stars, forks, watchers, open_issues "
    + _OF_REPOSITORY.format("repos_repositoryfacts"),
    "downloads": f"SELECT r.id, date, downloads {_OF_REPOSITORY.format('repos_downloadday')}",
    "assets": f"SELECT r.id, t.github_id, downloads {_OF_REPOSITORY.format('repos_releaseasset')}",
    "releases": "SELECT r.id, t.github_id, tag, t.name, published_at, downloads "
    + _OF_REPOSITORY.format("repos_release"),
    "snapshots": "SELECT r.id, first_date, last_date, kind, entries "
    + _OF_REPOSITORY.format("repos_popularitysnapshot")
    + ", kind",
    "repositories": "SELECT id, key, github_id, archived, replaced_at, etags, last_error,"
    " failed_days, last_failed_on, releases_since FROM repos_repository ORDER BY id",
}


class Installation:
    """A database of its own, worked on by processes of their own."""

    def __init__(self, folder: Path, server: GitHubServer) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "GITHUB_API_URL": server.url,
            "GITHUB_TOKEN": SERVER_TOKEN,
        }

    def manage(self, *arguments: str, stderr: int = subprocess.STDOUT) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def succeed(self, *arguments: str) -> str:
        process = self.manage(*arguments)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said

    def tables(self) -> dict[str, list[Any]]:
        """What is known of every repository; when it was learned is left out."""
        with closing(sqlite3.connect(self.folder / "foyer.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return {name: database.execute(query).fetchall() for name, query in _TABLES.items()}


def installing(folder: Path, server: GitHubServer, *, script: str) -> Callable[[str], Installation]:
    """Makes installations by name; `script` fills the database of each."""

    def install(name: str) -> Installation:
        (folder / name).mkdir()
        installation = Installation(folder / name, server)
        installation.succeed("migrate", "--verbosity", "0")
        installation.succeed("shell", "--no-imports", "--command", script)
        return installation

    return install
