from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class CodePointCharField(models.CharField[Any, Any]):
    """Text compared and ordered by code point, as SQLite does, on PostgreSQL too: without that a
    list would be ordered differently there, by whatever locale the database was created with."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
