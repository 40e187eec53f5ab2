from django.db import migrations

_ACTIONS = ("add", "change", "delete", "view")


def _rename_permissions(apps, schema_editor):
    """Staff keep what they were allowed to do."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for action in _ACTIONS:
        permissions.filter(codename=f"{action}_repository", content_type__app_label="repos").update(
            codename=f"{action}_trackedrepository"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("repos", "0003_figures_that_nobody_told"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        # The table keeps its name.
        migrations.AlterModelTable("repository", "repos_repository"),
        migrations.RenameModel("Repository", "TrackedRepository"),
        migrations.RunPython(_rename_permissions, migrations.RunPython.noop),
        migrations.RenameField("fetchrun", "left_count", "deferred_count"),
    ]
