"""No index that begins like another one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db.indexes import drop_indexes_of


def _key(related_name: str, to: str) -> "models.ForeignKey[object]":
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [("organizations", "0008_owners_and_member_counts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunPython(
                    drop_indexes_of(
                        ("organizations_invitation", "organization_id"),
                        ("users_user_organizations", "organization_id"),
                        ("users_user_organizations", "user_id"),
                    ),
                    migrations.RunPython.noop,
                )
            ],
            [
                migrations.AlterField(
                    "invitation",
                    "organization",
                    _key("invitations", "organizations.organization"),
                ),
                migrations.AlterField(
                    "membership",
                    "organization",
                    _key("memberships", "organizations.organization"),
                ),
                migrations.AlterField(
                    "membership", "user", _key("memberships", settings.AUTH_USER_MODEL)
                ),
            ],
        ),
    ]
