"""Keyset pagination: a page deep inside costs what the first one costs."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import connection
from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.db.keyset import rows_after
from core.db.prepared_query import PreparedQuery, Rows
from core.text import unstorable

if TYPE_CHECKING:
    # DRF imports this module while it imports its own views.
    from rest_framework.views import APIView


DEFAULT_PAGE_SIZE = 100
MAXIMUM_PAGE_SIZE = 1000
_LONGEST_CURSOR = 2000


class PreparedPages:
    """The pages of a list by SQL that is kept for each order: writing it takes the ORM a quarter of
    what a first page costs, and half of a later one."""

    def __init__(self, model: type[Model], build: Callable[..., QuerySet[Any, Any]]) -> None:
        """`build` makes a `.values()` queryset of the model. Its arguments are the values that the
        SQL is given each time, in their order in it."""
        self.model = model
        self.build = build
        self._queries: dict[tuple[tuple[str, ...], bool], PreparedQuery] = {}

    def of(self, *values: int) -> "PreparedList":
        return PreparedList(self, values)

    def query(
        self, order: tuple[str, ...], position: Sequence[object] | None, values: Sequence[int]
    ) -> PreparedQuery:
        key = order, position is None
        if key not in self._queries:
            self._queries[key] = PreparedQuery(
                lambda: _in_order(self.build(*values), order, position), quick=False
            )
        return self._queries[key]


class PreparedList(NamedTuple):
    """What a view returns as its queryset, for KeysetPagination."""

    pages: PreparedPages
    values: tuple[int, ...]

    @property
    def model(self) -> type[Model]:
        return self.pages.model

    def page(
        self, order: tuple[str, ...], position: Sequence[object] | None, *, limit: int
    ) -> Rows:
        """At most `limit` rows in this order, after such a position if there is one."""
        stored_position = [
            _field(self.model, name.removeprefix("-")).get_db_prep_value(value, connection)
            for name, value in zip(order, position or (), strict=position is not None)
        ]
        query = self.pages.query(order, position, self.values)
        return query.rows(*self.values, *stored_position, limit=limit)


def _in_order(
    queryset: QuerySet[Any, Any], order: Sequence[str], position: Sequence[object] | None
) -> QuerySet[Any, Any]:
    """All of it, or what comes after such a position. One of `.values()` becomes one of tuples, of
    the same columns and those of the order that it lacks: the cursor needs them."""
    rows = queryset.order_by(*order)
    if rows.query.selected is not None:
        names = [name.removeprefix("-") for name in order]
        rows = rows.values_list(*dict.fromkeys([*rows.query.selected, *names]))
    return rows if position is None else rows_after(rows, order=order, position=position)


class _Cursor(NamedTuple):
    backwards: bool
    position: list[Any]


class KeysetPagination(BasePagination):
    """Plain arrays; `Link` leads to the next and previous page (RFC 8288).

    The view names its order in `ordering`: fields without NULLs, all of one direction, the last one
    unique, together covered by an index. A cursor holds the position of the row beside it, so rows
    that come and go between two pages are neither skipped nor seen twice.
    """

    ordering: tuple[str, ...]

    def paginate_queryset(  # type: ignore[override]  # the stubs want a list
        self, queryset: Any, request: Request, view: "APIView | None" = None
    ) -> Sequence[Any]:
        self.request = request
        self._parameters = request.query_params
        self.ordering = self._ordering(view)
        page_size = self._page_size()
        cursor = self._cursor(queryset)
        reverse = cursor is not None and cursor.backwards
        rows = self._rows(queryset, cursor, page_size + 1)
        more = len(rows) > page_size
        rows = rows[:page_size][::-1] if reverse else rows[:page_size]
        self._links = []
        if rows and (more or reverse):
            self._links.append(self._link("next", rows[-1], backwards=False))
        if rows and cursor is not None and (more or not reverse):
            self._links.append(self._link("prev", rows[0], backwards=True))
        return rows

    def _rows(self, queryset: Any, cursor: _Cursor | None, limit: int) -> Sequence[Any]:
        """At most `limit` rows beside the cursor, the nearest to it first."""
        reverse = cursor is not None and cursor.backwards
        order = _reversed(self.ordering) if reverse else self.ordering
        position = cursor.position if cursor else None
        if isinstance(queryset, PreparedList):
            return queryset.page(order, position, limit=limit)
        rows = _in_order(queryset, order, position)
        columns = rows.query.selected
        found = list(rows[:limit])
        return found if columns is None else Rows(tuple(columns), found)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(data, headers=self.link_header())

    def link_header(self) -> dict[str, str]:
        return {"Link": ", ".join(self._links)} if self._links else {}

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        return [
            {
                "name": "page_size",
                "in": "query",
                "description": "Rows a page.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAXIMUM_PAGE_SIZE,
                    "default": DEFAULT_PAGE_SIZE,
                },
            },
            {
                "name": "cursor",
                "in": "query",
                "description": "Where to go on; taken from the `Link` header of another page.",
                "schema": {"type": "string"},
            },
        ]

    def _ordering(self, view: "APIView | None") -> tuple[str, ...]:
        get_ordering = getattr(view, "get_ordering", None)
        ordering: Sequence[str] = get_ordering() if get_ordering else getattr(view, "ordering", ())
        return tuple(ordering)

    def _names(self) -> list[str]:
        return [name.removeprefix("-") for name in self.ordering]

    def _page_size(self) -> int:
        text = self._parameters.get("page_size")
        if text is None:
            return DEFAULT_PAGE_SIZE
        if (
            text.isascii()
            and text.isdigit()
            and len(text) < 10
            and 1 <= int(text) <= MAXIMUM_PAGE_SIZE
        ):
            return int(text)
        raise ValidationError(
            {"page_size": f"page_size must be a whole number from 1 to {MAXIMUM_PAGE_SIZE}."}
        )

    def _cursor(self, queryset: QuerySet[Any]) -> _Cursor | None:
        text = self._parameters.get("cursor")
        if text is None:
            return None
        try:
            backwards, position = _decoded(text)
            if len(position) != len(self.ordering):
                raise ValueError("another ordering's cursor")
            values = self._values(queryset, position)
        except (ValueError, TypeError, OverflowError, DjangoValidationError) as error:
            raise ValidationError(
                {"cursor": "This cursor is not valid; follow the Link header of another page."}
            ) from error
        return _Cursor(backwards, values)

    def _values(self, queryset: Any, position: list[Any]) -> list[Any]:
        """Raises ValueError, TypeError, OverflowError, Django's ValidationError."""
        fields = [_field(queryset.model, name) for name in self._names()]
        return [_value_of(field, value) for field, value in zip(fields, position, strict=True)]

    def _link(self, relation: str, row: Any, *, backwards: bool) -> str:
        position = [
            row[name] if isinstance(row, Mapping) else getattr(row, name) for name in self._names()
        ]
        url = self.request.build_absolute_uri(self.request.path)
        others = [item for item in self._parameters.lists() if item[0] != "cursor"]
        query = urlencode(others, doseq=True) + "&" if others else ""
        return f'<{url}?{query}cursor={_encoded(backwards, position)}>; rel="{relation}"'


class ListPagination(KeysetPagination):
    """Pages of a list in memory: mappings, in the order that `ordering` names by fields of whole
    numbers. For lists that are bounded or have to be computed as a whole."""

    def _rows(self, queryset: Any, cursor: _Cursor | None, limit: int) -> list[Any]:
        if cursor is None:
            return list(queryset[:limit])
        descending = self.ordering[0].startswith("-")
        names = self._names()

        def is_beside(row: Mapping[str, Any]) -> bool:
            key = [row[name] for name in names]
            before = key > cursor.position if descending else key < cursor.position
            return before if cursor.backwards else not before and key != cursor.position

        rows = filter(is_beside, reversed(queryset) if cursor.backwards else queryset)
        return list(islice(rows, limit))

    def _values(self, queryset: Any, position: list[Any]) -> list[Any]:
        if not all(isinstance(value, int) for value in position):
            raise ValueError("not a position in a list")
        return position


def _encoded(backwards: bool, position: Sequence[Any]) -> str:
    raw = orjson.dumps([int(backwards), *position], default=str)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> tuple[bool, list[Any]]:
    if len(text) > _LONGEST_CURSOR:
        raise ValueError("too long")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        match json.loads(raw):
            case [0 | 1 as backwards, *position] if all(
                isinstance(value, str | int) and not isinstance(value, bool) for value in position
            ):
                return bool(backwards), position
    except (binascii.Error, RecursionError, UnicodeDecodeError) as error:
        raise ValueError("not a cursor") from error
    raise ValueError("not a cursor")


def _field(model: type[Model], name: str) -> Any:
    """That of the value. A foreign key itself would want its row to be there still."""
    field: Any = model._meta.get_field(name)
    return field.target_field if field.remote_field else field


def _value_of(field: Any, value: str | int) -> Any:
    """As the database compares it. Raises what `_values` does."""
    if isinstance(value, str) and unstorable(value):
        raise ValueError("no text of a database")
    cleaned = field.clean(field.to_python(value), None)
    if not isinstance(cleaned, datetime):
        return cleaned
    if cleaned.tzinfo is None:
        raise ValueError("no moment without a time zone")
    return cleaned.astimezone(UTC)


def _reversed(ordering: Sequence[str]) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in ordering)
