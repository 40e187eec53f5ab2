"""Names are compared without accents, spaces and punctuation (core.text)."""

from typing import Any

from django.db import migrations, models

from core.db.name_keys import update_name_keys


def update(apps: Any, schema_editor: Any) -> None:
    update_name_keys(apps.get_model("organizations", "Organization"), max_length=600)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0004_in_order_of_id")]

    operations = [
        migrations.AlterField(
            "Organization",
            "name_key",
            models.CharField(editable=False, help_text="See core.text.", max_length=600),
        ),
        migrations.RunPython(update, migrations.RunPython.noop),
    ]
