"""A serializer that writes rows of `.values()` fast.

It writes what its fields declare by one function compiled from them: to ask each field of each of a
hundred rows costs several times what the query does. One that computes what it writes says so in
`represent`; its fields are for the documentation then.

A field takes the column of its name, or of its `source`. The columns of a nested RowSerializer have
its name and two underscores in front, as Django names those of a related model; with
`allow_null=True` it is null where its first column is. Columns without a field are left out. Values
are written as the renderer writes them: fields neither convert nor validate.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from rest_framework import serializers

from core.db.prepared_query import Rows

Row = Mapping[str, Any]


class RowSerializer(serializers.Serializer[Any]):
    # Without a docstring: it would describe each subclass without one in the API description.

    def to_representation(self, instance: Row) -> dict[str, Any]:
        [representation] = self.represent([instance])
        return representation

    @classmethod
    def represent(cls, rows: Any) -> list[dict[str, Any]]:
        """`rows`: `Rows`, as a page of `.values()` comes, or mappings."""
        if isinstance(rows, Rows):
            return _compiled(cls, rows.columns)(rows.tuples)
        return _compiled(cls, None)(rows)


@cache
def _compiled(
    serializer: type[RowSerializer], columns: tuple[str, ...] | None
) -> Callable[[Iterable[Any]], list[dict[str, Any]]]:
    """For tuples of such columns, or for mappings."""
    if columns is None:
        target = "row"
        expression, _ = _dict_expression(serializer, "", lambda column: f"row[{column!r}]")
    else:
        target = ", ".join(columns) + ","
        expression, _ = _dict_expression(serializer, "", lambda column: column)
    function: Callable[[Iterable[Any]], list[dict[str, Any]]] = eval(  # noqa: S307  # names of fields and columns in our own code
        f"lambda rows: [{expression} for {target} in rows]"
    )
    return function


def _dict_expression(
    serializer: type[serializers.Serializer[Any]], prefix: str, value_of: Callable[[str], str]
) -> tuple[str, str]:
    """The Python expression of the dict, and the value of the first column that it reads."""
    items, values = [], []
    for name, field in serializer._declared_fields.items():
        column = prefix + (field.source or name)
        value = first = value_of(column)
        if isinstance(field, RowSerializer):
            value, first = _dict_expression(type(field), f"{column}__", value_of)
            if field.allow_null:
                value = f"(None if {first} is None else {value})"
        items.append(f"{name!r}: {value}")
        values.append(first)
    return "{" + ", ".join(items) + "}", values[0]
