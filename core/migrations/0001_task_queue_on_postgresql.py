from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def make_tables(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        from core.tasks.queue import DatabaseStorage

        for statement in DatabaseStorage("foyer").ddl:
            schema_editor.execute(statement)


def drop_tables(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in ("kv", "schedule", "task", "counter"):
            schema_editor.execute(f"DROP TABLE IF EXISTS huey_{name}")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(make_tables, drop_tables)]
