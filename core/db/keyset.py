"""The rows after a place in an order, found by one step into an index."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

_Model = TypeVar("_Model", bound=Model)
_Row = TypeVar("_Row")


def rows_after(
    rows: QuerySet[_Model, _Row], *, order: Sequence[str], position: Sequence[object]
) -> QuerySet[_Model, _Row]:
    """Those of `rows` that come after the one with these values. `order` names fields without
    NULLs, all of one direction, the last one unique, together covered by an index."""
    descending = order[0].startswith("-")
    names = [name.removeprefix("-") for name in order]
    compare, bound = (TupleLessThan, "lte") if descending else (TupleGreaterThan, "gte")
    return rows.filter(
        compare(Tuple(*map(F, names)), tuple(position)),
        # Says nothing new, but Django compares with OR on SQLite, which then finds no place in the
        # index and reads from its beginning.
        **{f"{names[0]}__{bound}": position[0]},
    )
