"""Names are compared without accents, spaces and punctuation (core.text)."""

from typing import Any

from django.db import migrations

from core.db.name_keys import update_name_keys


def update(apps: Any, schema_editor: Any) -> None:
    for name in ("Genre", "Game"):
        update_name_keys(apps.get_model("games", name), max_length=400)


class Migration(migrations.Migration):
    dependencies = [("games", "0002_names_and_years")]

    operations = [migrations.RunPython(update, migrations.RunPython.noop)]
