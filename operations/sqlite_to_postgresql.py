"""Moving an installation from SQLite to PostgreSQL: every row as it is, or none at all."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import AutoField, Field, Model

SOURCE = "source"
# `migrate` fills them by itself; what it filled gives way to the same rows under their old ids.
FILLED_BY_MIGRATE = frozenset({"auth.permission", "contenttypes.contenttype"})
CHUNK_ROWS = 2000


class CopyError(Exception):
    """In a sentence."""


def open_source(file: Path) -> None:
    """Make the SQLite database the connection SOURCE. Raises CopyError."""
    if not file.is_file():
        raise CopyError(f"{file} does not exist.")
    described = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        # A transaction keeps every writer out from its beginning.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
    connections.settings |= connections.configure_settings(
        {DEFAULT_DB_ALIAS: settings.DATABASES[DEFAULT_DB_ALIAS], SOURCE: described}
    )
    try:
        executor = MigrationExecutor(connections[SOURCE])
    except DatabaseError as error:
        raise CopyError(f"{file} cannot be read as an SQLite database: {error}.") from error
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CopyError(f"{file} is of an older version: run `manage.py migrate` on it first.")


def copy_all(*, report: Callable[[str], None]) -> int:
    """Copy all rows of SOURCE into the empty default database and compare them; the number of rows.

    Raises CopyError, and then nothing has been copied.
    """
    models = [model for model in apps.get_models(include_auto_created=True) if _is_table(model)]
    _require_empty(models)
    total = 0
    # References are checked at the end of the transaction: the order of the tables is no matter.
    with transaction.atomic(using=SOURCE), transaction.atomic():
        _set_triggers(models, "DISABLE")
        for model in models:
            if model._meta.label_lower in FILLED_BY_MIGRATE:
                model._base_manager.all().delete()
        for model in models:
            try:
                count = _copy(model)
            except DatabaseError as error:
                raise CopyError(f"{model._meta.db_table}: {error}") from error
            _continue_ids(model)
            report(f"{model._meta.db_table}: {count} rows")
            total += count
        _set_triggers(models, "ENABLE")
        for model in models:
            if not _is_equal(model):
                raise CopyError(f"{model._meta.db_table} did not arrive as it was.")
    return total


def _set_triggers(models: list[type[Model]], action: str) -> None:
    """What triggers compute is in the copied rows already."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        # PostgreSQL alters no table that has references yet to check.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"ALTER TABLE {table} {action} TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _is_table(model: type[Model]) -> bool:
    return model._meta.managed and not model._meta.proxy


def _require_empty(models: list[type[Model]]) -> None:
    for model in models:
        if model._meta.label_lower not in FILLED_BY_MIGRATE and model._base_manager.exists():
            raise CopyError(
                f"The database of DATABASE_URL is not empty: there are rows in "
                f"{model._meta.db_table}. Move into a fresh one."
            )


def _fields(model: type[Model]) -> list["Field[Any, Any]"]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def _rows(model: type[Model], *, using: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in _fields(model)]
    rows = model._base_manager.using(using).order_by("pk").values_list(*names)
    yield from rows.iterator(chunk_size=CHUNK_ROWS)


def _copy(model: type[Model]) -> int:
    connection, fields, count = connections[DEFAULT_DB_ALIAS], _fields(model), 0
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    table = quote(model._meta.db_table)
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in _rows(model, using=SOURCE):
            copy.write_row(
                [
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(fields, row, strict=True)
                ]
            )
            count += 1
    return count


def _continue_ids(model: type[Model]) -> None:
    """The next id is one that was never given, not even to a row that is gone."""
    if not isinstance(model._meta.pk, AutoField):
        return
    table, column = model._meta.db_table, model._meta.pk.column
    with connections[SOURCE].cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        given = cursor.fetchone()
    if given and given[0]:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, column, given[0]]
            )


def _is_equal(model: type[Model]) -> bool:
    there, here = (_rows(model, using=alias) for alias in (SOURCE, DEFAULT_DB_ALIAS))
    return all(_plain(one) == _plain(other) for one, other in zip_longest(there, here))


def _plain(row: tuple[Any, ...] | None) -> list[Any] | None:
    if row is None:
        return None
    return [bytes(value) if isinstance(value, memoryview) else value for value in row]
