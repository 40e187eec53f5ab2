import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0007_canonical_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailedCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=30)),
                (
                    "subject_hash",
                    models.CharField(
                        help_text="Keyed hash of whom it was mailed to.", max_length=64
                    ),
                ),
                ("scope", models.CharField(blank=True, max_length=40)),
                ("code_hash", models.CharField(max_length=128)),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_attempt_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mailed_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.DeleteModel(
            name="PasswordReset",
        ),
        migrations.AddConstraint(
            model_name="mailedcode",
            constraint=models.UniqueConstraint(
                fields=("subject_hash", "purpose", "scope"), name="users_one_code_per_purpose"
            ),
        ),
    ]
