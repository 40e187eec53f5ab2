"""Queries of the ORM that are written once and run many times."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache, cached_property
from typing import Any, Self, overload

from django.db import connection
from django.db.models import QuerySet

from core.db.version import django_rows, quick_rows, rows_as_committed


class Rows(Sequence[dict[str, Any]]):
    """Rows as dicts, which are made when they are asked for: whoever takes the tuples saves them,
    a twentieth of a page of games."""

    def __init__(self, columns: tuple[str, ...], tuples: Sequence[tuple[Any, ...]]) -> None:
        self.columns = columns
        self.tuples = tuples

    def __len__(self) -> int:
        return len(self.tuples)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> "dict[str, Any] | Self":
        if isinstance(index, slice):
            return type(self)(self.columns, self.tuples[index])
        return dict(zip(self.columns, self.tuples[index], strict=True))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(_dict_maker(self.columns)(self.tuples))


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

    def rows(self, *values: int | str | None, limit: int | None = None) -> Rows:
        """At most `limit` rows. `values` are those of the queryset in the order in which they stand
        in its SQL, as the database takes them."""
        sql, columns, convert = self._prepared
        if limit is not None:
            # As Django writes it. As a value it would make SQLite plan the query each time
            # (findings/sqlite-limit-parameter.sh).
            sql = f"{sql} LIMIT {limit:d}"
        tuples = self._run(sql, values)
        return Rows(columns, convert(tuples) if convert else tuples)

    def rows_as_committed(self, *values: int | str | None) -> list[Any]:
        """As `core.db.version.rows_as_committed`: fast, to compare with earlier ones."""
        return rows_as_committed(self._prepared[0], values)

    @cached_property
    def _prepared(self) -> tuple[str, tuple[str, ...], Callable[[Any], list[Any]] | None]:
        """The SQL, the names of its columns, and what makes values of the models of theirs."""
        query = self._build().query
        compiler = query.get_compiler(connection=connection)
        sql, _ = compiler.as_sql()
        converters = compiler.get_converters(
            [column for column, *_ in compiler.select[: compiler.col_count]]
        )

        def convert(tuples: Any) -> list[Any]:
            return list(compiler.apply_converters(tuples, converters))

        return sql, tuple(query.selected or ()), convert if converters else None


@cache
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
