import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0006_membership"),
        ("users", "0010_organizations_through_membership"),
    ]

    operations = [
        migrations.AddField(
            "membership",
            "role",
            models.CharField(
                choices=[("owner", "Owner"), ("admin", "Admin"), ("member", "Member")],
                db_default="member",
                default="member",
                max_length=6,
            ),
        ),
        migrations.AddField(
            "organization",
            "join",
            models.CharField(
                choices=[("open", "Open"), ("invitation", "Invitation")],
                db_default="open",
                default="open",
                help_text="Who may join: everybody, or only who was invited.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "organization",
            "member_count",
            models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "email"),
                        name="organizations_one_invitation_per_address",
                    )
                ],
            },
        ),
    ]
