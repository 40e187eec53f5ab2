"""The members of an organization in the order of their ids, without sorting all of them.

The table is Django's own for `User.organizations`, whose indexes know one column each.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0002_creator_and_unique_name"),
        ("users", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX users_of_organization"
            " ON users_user_organizations (organization_id, user_id)",
            "DROP INDEX users_of_organization",
        )
    ]
