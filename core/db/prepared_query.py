"""Queries of the ORM that are written once and run many times."""

from collections.abc import Callable, Collection, Iterator, Sequence
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

    def rows(self, *values: int | str | None, limit: int | None = None) -> list[dict[str, Any]]:
        """At most `limit` rows. `values` are those of the queryset in the order in which they stand
        in its SQL, as the database takes them."""
        sql, as_dicts = self._prepared
        if limit is not None:
            # As Django writes it. As a value it would make SQLite plan the query each time
            # (findings/sqlite-limit-parameter.sh).
            sql = f"{sql} LIMIT {limit:d}"
        return as_dicts(self._run(sql, values))

    def rows_as_committed(self, *values: int | str | None) -> list[Any]:
        """As `core.db.version.rows_as_committed`: fast, to compare with earlier ones."""
        return rows_as_committed(self._prepared[0], values)

    @cached_property
    def _prepared(self) -> tuple[str, Callable[[Any], list[dict[str, Any]]]]:
        query = self._build().query
        compiler = query.get_compiler(connection=connection)
        sql, _ = compiler.as_sql()
        converters = compiler.get_converters(
            [column for column, *_ in compiler.select[: compiler.col_count]]
        )
        as_dicts = _dict_maker(list(query.selected or ()))

        def convert(rows: Any) -> list[dict[str, Any]]:
            return as_dicts(compiler.apply_converters(rows, converters))

        return sql, convert if converters else as_dicts


def _dict_maker(names: Sequence[str]) -> Callable[[Any], list[dict[str, Any]]]:
    """Compiled: to pair names and values again for each row takes three times as long."""
    values = [f"value_{number}" for number in range(len(names))]
    items = ", ".join(f"{name!r}: {value}" for name, value in zip(names, values, strict=True))
    expression = f"lambda rows: [{{{items}}} for {', '.join(values)}, in rows]"
    function: Callable[[Any], list[dict[str, Any]]] = eval(expression)  # noqa: S307  # names of columns in our own code
    return function


class PreparedLookup:
    """Rows of a `.values()` queryset for several ids, in one query for a page of the usual size."""

    _IDS_AT_ONCE = 100

    def __init__(self, build: Callable[[Collection[int]], QuerySet[Any, Any]]) -> None:
        """`build` as for PreparedQuery; the ids come first in its SQL."""
        self._query = PreparedQuery(lambda: build(range(self._IDS_AT_ONCE)), quick=False)

    def rows(self, ids: Collection[int], *values: int) -> Iterator[dict[str, Any]]:
        """`values` are those that stand behind the ids in the SQL."""
        unique = list(dict.fromkeys(ids))
        for start in range(0, len(unique), self._IDS_AT_ONCE):
            batch = unique[start : start + self._IDS_AT_ONCE]
            # An id that comes twice finds one row.
            padded = batch + batch[:1] * (self._IDS_AT_ONCE - len(batch))
            yield from self._query.rows(*padded, *values)
