"""Indexes in the order of each list; none that begins like another one, or that no query uses."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db.indexes import drop_indexes_of


def _user(related_name: str) -> "models.ForeignKey[object]":
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [("users", "0012_sign_up_results")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunPython(
                    drop_indexes_of(
                        ("users_session", "user_id"),
                        ("users_knownip", "user_id"),
                        ("users_user", "gender"),
                        # For searches by a prefix: Django makes them on PostgreSQL.
                        ("users_user", "email"),
                        ("users_ratelimit", "key"),
                        ("users_signupresult", "key_hash"),
                    ),
                    migrations.RunPython.noop,
                )
            ],
            [
                migrations.AlterField("session", "user", _user("sessions")),
                migrations.AlterField("knownip", "user", _user("known_ips")),
                migrations.AlterField(
                    "user",
                    "gender",
                    models.CharField(
                        choices=[
                            ("female", "Female"),
                            ("male", "Male"),
                            ("unspecified", "Unspecified"),
                        ],
                        default="unspecified",
                        max_length=11,
                    ),
                ),
            ],
        ),
        migrations.AddIndex("user", models.Index(fields=["gender", "id"], name="users_of_gender")),
        migrations.AddIndex(
            "session", models.Index(fields=["created_at", "id"], name="sessions_newest")
        ),
    ]
