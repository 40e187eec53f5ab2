"""Django's SQLite with a queue for writers.

SQLite has one writer at a time. A second one sleeps and tries again, up to 100 ms at a time, so of
many some wait for a second while later ones write. Here they wait in a queue: the threads of a
process for a lock of their own, the processes for the lock of a file, which the kernel hands on at
once, and frees when its holder dies.
"""

import fcntl
import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base, features, operations, schema
from django.db.models import Model
from django.db.models.expressions import Col


def _parse_stored_time(stored: bytes) -> datetime:
    """Django stores UTC without saying so, and turns a naive time into an aware one in three more
    steps, which took a fifth of a list with times. `replace(tzinfo=UTC)` alone takes four times as
    long as all of this."""
    return datetime.fromisoformat(stored.decode() + "+00:00")


base.Database.register_converter("datetime", _parse_stored_time)  # type: ignore[attr-defined]  # not in the stubs


_CONVERTED_BY_THE_DRIVER = ("DateTimeField", "DateField", "TimeField", "BooleanField")


class DatabaseOperations(operations.DatabaseOperations):
    def get_db_converters(self, expression: Any) -> list[Any]:
        """Without those that look again at what the driver has converted by the declared type of a
        column: three calls for each row of `GET /users/lastplayed`."""
        is_column = isinstance(expression, Col)
        if is_column and expression.output_field.get_internal_type() in _CONVERTED_BY_THE_DRIVER:
            return []
        converters: list[Any] = super().get_db_converters(expression)
        return converters

    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if isinstance(value, datetime) or value is None:
            return value
        # Still text: of an expression, which has no declared type.
        return _parse_stored_time(value.encode())


class CursorWrapper(base.SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """Django looks for placeholders each time, in the same few hundred queries."""
        if param_names is not None:
            return super().convert_query(query, param_names=param_names)
        return _with_question_marks(query)


@lru_cache(maxsize=1000)
def _with_question_marks(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseFeatures(features.DatabaseFeatures):
    # Django writes OR instead, with which SQLite finds no place in an index and reads from its
    # beginning (https://www.sqlite.org/rowvalue.html#scrolling_window_queries).
    supports_tuple_lookups = True


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def _remake_table(self, model: type[Model], *args: Any, **kwargs: Any) -> None:
        """With the highest id ever given, which Django forgets: the next row would get the id of a
        deleted one (findings/django-sqlite-ids-again.sh)."""
        table = model._meta.db_table
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            highest = cursor.fetchone()
        super()._remake_table(model, *args, **kwargs)  # type: ignore[misc]  # not in Django's stubs
        if highest:
            self.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            self.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, *highest])


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock_timeout_seconds: float = self.settings_dict["OPTIONS"]["timeout"]
        self._write_lock: _WriteLock | None = None
        # By `time.monotonic`: from when the patience of this thread's writers counts. None: from
        # when each begins to wait.
        self.waiting_since: float | None = None
        self._with_large_cache: Any = None  # the connection

    def enlarge_page_cache(self, kibibytes: int) -> None:
        """Until the connection closes. Outside a transaction."""
        self.ensure_connection()
        if self._with_large_cache is not self.connection:
            with self.cursor() as cursor:
                cursor.execute(f"PRAGMA cache_size = -{kibibytes}")
            self._with_large_cache = self.connection

    def create_cursor(self, name: str | None = None) -> CursorWrapper:
        cursor: CursorWrapper = self.connection.cursor(factory=CursorWrapper)
        return cursor

    def nowait(self) -> AbstractContextManager[None]:
        """Whoever cannot write at once gets OperationalError."""
        return self._lock_timeout(0)

    @contextmanager
    def _lock_timeout(self, seconds: float) -> Iterator[None]:
        usual_seconds = self._lock_timeout_seconds
        try:
            self._set_busy_timeout(seconds)
            yield
        finally:
            self._set_busy_timeout(usual_seconds)

    def _set_busy_timeout(self, seconds: float) -> None:
        self._lock_timeout_seconds = seconds
        with self.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {math.ceil(seconds * 1000)}")

    def _start_transaction_under_autocommit(self) -> None:
        patience = self._lock_timeout_seconds
        since = time.monotonic() if self.waiting_since is None else self.waiting_since
        self._write_lock = lock = _WriteLock(self.settings_dict["NAME"], since, patience)
        try:
            left = lock.seconds_left()
            # SQLite would wait for all of the time-out again. To tell it costs two statements.
            with self._lock_timeout(left) if left < 0.9 * patience else nullcontext():
                super()._start_transaction_under_autocommit()  # type: ignore[misc]  # likewise
        except BaseException:
            self._release_write_lock()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # not in Django's stubs
        self._release_write_lock()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in Django's stubs
        finally:
            self._release_write_lock()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in Django's stubs
        finally:
            self._release_write_lock()

    def _release_write_lock(self) -> None:
        lock, self._write_lock = self._write_lock, None
        if lock:
            lock.end()


class _WriteLock:
    """Held from its creation on. Raises OperationalError when this process's threads need longer
    than `patience_seconds` after `since`.

    Another process is waited for as long as its transaction takes, by one thread of this process.
    """

    def __init__(self, database: str, since: float, patience_seconds: float) -> None:
        self._deadline = since + patience_seconds
        self._threads = _lock_of(database)
        if not self._threads.acquire(timeout=self.seconds_left()):
            raise OperationalError("database is locked: other writers wait for it, too")
        self._file: int | None = None
        try:
            self._file = _file_of(database, process_id=os.getpid())
            fcntl.flock(self._file, fcntl.LOCK_EX | (0 if self.seconds_left() else fcntl.LOCK_NB))
        except BlockingIOError as error:
            self.end()
            raise OperationalError("database is locked") from error
        except OSError:
            # A full disk, a read-only folder: SQLite has its own say about that.
            return
        except BaseException:
            self.end()
            raise

    def seconds_left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def end(self) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


@cache
def _lock_of(database: str) -> threading.Lock:
    return threading.Lock()


@cache
def _file_of(database: str, process_id: int) -> int:
    """Stays open. A forked process needs one of its own, or would share the lock."""
    return os.open(f"{database}-writers", os.O_RDWR | os.O_CREAT, 0o600)
