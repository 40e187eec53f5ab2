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
    names = [name.removeprefix("-") for name in order]
    compare = TupleLessThan if order[0].startswith("-") else TupleGreaterThan
    return rows.filter(compare(Tuple(*map(F, names)), tuple(position)))
