"""When a play was last heard of and when it ended. No rewrite of the table: both may be null."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("games", "0005_played_and_recommended_games"),
        ("playsessions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="playsession",
            name="ended_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="playsession",
            name="last_seen_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="playsession",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True), ("last_seen_at__isnull", False)),
                fields=["user", "last_seen_at"],
                name="playsessions_under_way",
            ),
        ),
    ]
