"""For migrations."""

from collections.abc import Callable
from typing import Any


def drop_indexes_of(*columns: tuple[str, str]) -> Callable[[Any, Any], None]:
    """Drops every index of one of these columns (table, column) alone, whatever its name is, that
    enforces nothing. Not by AlterField: for that, Django copies the table on SQLite, and loses its
    triggers."""

    def drop(apps: Any, schema_editor: Any) -> None:
        connection = schema_editor.connection
        for table, column in columns:
            with connection.cursor() as cursor:
                constraints = connection.introspection.get_constraints(cursor, table)
            for name, one in constraints.items():
                if one["index"] and not one["unique"] and one["columns"] == [column]:
                    schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")

    return drop
