"""The queue of background tasks on PostgreSQL: beside the data, and as durable.

On SQLite it is a file of its own (huey.SqliteHuey); Redis is never more than a cache.
"""

from typing import Any

import psycopg
from django.db import connection
from huey import Huey
from huey.storage import PostgresStorage


class DatabaseStorage(PostgresStorage):  # type: ignore[misc]  # huey has no types
    def __init__(self, name: str, **options: Any) -> None:
        # The migration core.0001 creates the tables.
        super().__init__(name, create_tables=False, **options)

    def _connect(self) -> "psycopg.Connection[Any]":
        """For the worker, which listens on it for as long as it lives; hence none of the pool."""
        return psycopg.connect(**connection.get_connection_params(), autocommit=True)

    _create_connection = _connect

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """In Django's transaction: a task is queued if and only if what it is about is stored."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.table_task} (queue, data, priority) VALUES (%s, %s, %s)",  # noqa: S608
                [self.name, data, priority or 0],
            )
            cursor.execute("SELECT pg_notify(%s, '')", [self.channel])


class DatabaseHuey(Huey):  # type: ignore[misc]  # huey has no types
    storage_class = DatabaseStorage
