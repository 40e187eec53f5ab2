"""Columns that behave alike on both databases."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

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


class CodePointEmailField(_ByCodePoint, models.EmailField[Any, Any]):
    pass
