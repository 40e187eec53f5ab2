"""Columns that behave alike on both databases."""

from typing import Any

import orjson
from django import forms
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from core.email_addresses import canonical_email_if_possible
from core.text import strip_invisible

# Of a BigAutoField, on both databases.
MAX_ID = 2**63 - 1


class _ByCodePoint(models.Field[Any, Any]):
    """Text compared, ordered and lowered by code point, as SQLite does, on PostgreSQL too: there it
    would follow whatever locale the database was created with, and a Turkish one makes of "BILL"
    another word than "bill"."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class CodePointCharField(_ByCodePoint, models.CharField[Any, Any]):
    pass


class IdentifierField(CodePointCharField):
    """Text that names something. What is invisible around it is no part of it, whether it is
    stored or looked up."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return strip_invisible(text) if isinstance(text, str) else text


class EmailAddressField(_ByCodePoint, models.EmailField[Any, Any]):
    """Stored and looked up in its canonical form (core.email_addresses)."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return canonical_email_if_possible(text) if isinstance(text, str) else text


class JSONTextField(models.Field[Any, Any]):
    """JSON stored as its text, so that what comes back is what was stored: PostgreSQL's jsonb sorts
    keys by their length and makes of 1e16 an integer and of -0.0 a zero. It cannot be queried."""

    def get_internal_type(self) -> str:
        return "TextField"

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else orjson.loads(value)

    def to_python(self, value: Any) -> Any:
        """As it is: a text is a JSON value too."""
        return value

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return orjson.dumps(value).decode()

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.JSONField, **kwargs})
