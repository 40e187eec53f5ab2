"""Checks of the installation, run by `manage.py check` and at start."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

OLDEST_SAFE_SQLITE = (3, 51, 3)


def sqlite_is_safe(**_: Any) -> list[CheckMessage]:
    """Older ones may corrupt a database in WAL mode (sqlite.org/wal.html, the WAL-reset bug)."""
    uses_sqlite = settings.DATABASES["default"]["ENGINE"] == "core.db.sqlite"
    if not uses_sqlite or sqlite3.sqlite_version_info >= OLDEST_SAFE_SQLITE:
        return []
    return [
        CheckWarning(
            f"SQLite {sqlite3.sqlite_version} can corrupt a database that several processes write.",
            hint="Use a Python that links SQLite 3.51.3 or newer, or a platform that has a wheel "
            "of the package pysqlite3.",
            id="foyer.W001",
        )
    ]
