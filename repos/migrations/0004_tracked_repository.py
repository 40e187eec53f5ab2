from django.db import migrations

from core.db.permissions import rename_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("repos", "0003_figures_that_nobody_told"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        # The table keeps its name.
        migrations.AlterModelTable("repository", "repos_repository"),
        migrations.RenameModel("Repository", "TrackedRepository"),
        rename_permissions("repos", "repository", "trackedrepository"),
        migrations.RenameField("fetchrun", "left_count", "deferred_count"),
    ]
