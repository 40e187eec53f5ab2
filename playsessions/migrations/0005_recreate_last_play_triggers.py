"""Makes triggers and copies of newest plays anew where 0004 ran before it was mended: on PostgreSQL,
two transactions that changed plays of one user at once could leave a wrong copy."""

from importlib import import_module
from typing import Any

from django.db import migrations

last_plays = import_module("playsessions.migrations.0004_last_plays")


def make_anew(apps: Any, schema_editor: Any) -> None:
    last_plays.drop(apps, schema_editor)
    schema_editor.execute("DELETE FROM playsessions_lastplay")
    last_plays.create(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("playsessions", "0004_last_plays")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]
