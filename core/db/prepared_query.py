"""Queries of the ORM that are written once and run many times."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from core.db.version import django_rows, quick_rows, rows_as_committed


class PreparedQuery:
    """A `.values()` queryset whose SQL is kept, for what is asked with each request: writing the
    SQL takes the ORM ten times as long as running it for one row takes the database.

    `build` makes the queryset with any values of the right type in the places of the later ones. It
    is called with the first run, when the models are loaded. One that takes more than microseconds
    is not `quick`.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Any]], *, quick: bool = True) -> None:
        self._build = build
        self._run = quick_rows if quick else django_rows

    def rows(self, *values: int | str | None) -> list[dict[str, Any]]:
        """`values` are those of the queryset in the order in which they stand in its SQL, as the
        database takes them."""
        sql, names, convert = self._prepared
        rows = self._run(sql, values)
        return [dict(zip(names, row, strict=True)) for row in convert(rows)]

    def rows_as_committed(self, *values: int | str | None) -> list[Any]:
        """As `core.db.version.rows_as_committed`: fast, to compare with earlier ones."""
        return rows_as_committed(self._prepared[0], values)

    @cached_property
    def _prepared(self) -> tuple[str, tuple[str, ...], Callable[[Any], Any]]:
        query = self._build().query
        compiler = query.get_compiler(connection=connection)
        sql, _ = compiler.as_sql()
        converters = compiler.get_converters(
            [column for column, *_ in compiler.select[: compiler.col_count]]
        )

        def convert(rows: Any) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        return sql, query.values_select, convert
