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

Row = Mapping[str, Any]


class RowSerializer(serializers.Serializer[Any]):
    # Without a docstring: it would describe each subclass without one in the API description.

    def to_representation(self, instance: Row) -> dict[str, Any]:
        [representation] = self.represent([instance])
        return representation

    @classmethod
    def represent(cls, rows: Iterable[Any]) -> list[dict[str, Any]]:
        return _compiled(cls)(rows)


@cache
def _compiled(serializer: type[RowSerializer]) -> Callable[[Iterable[Row]], list[dict[str, Any]]]:
    expression, _ = _dict_expression(serializer, prefix="")
    source = f"lambda rows: [{expression} for row in rows]"
    function: Callable[[Iterable[Row]], list[dict[str, Any]]] = eval(source)  # noqa: S307  # names of fields in our own code
    return function


def _dict_expression(serializer: type[serializers.Serializer[Any]], prefix: str) -> tuple[str, str]:
    """The Python expression of the dict, and the first column that it reads."""
    items, columns = [], []
    for name, field in serializer._declared_fields.items():
        column = prefix + (field.source or name)
        value = f"row[{column!r}]"
        if isinstance(field, RowSerializer):
            value, column = _dict_expression(type(field), prefix=f"{column}__")
            if field.allow_null:
                value = f"(None if row[{column!r}] is None else {value})"
        items.append(f"{name!r}: {value}")
        columns.append(column)
    return "{" + ", ".join(items) + "}", columns[0]
