from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0009_second_factor"),
        ("organizations", "0006_membership"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "user",
                    "organizations",
                    models.ManyToManyField(
                        blank=True,
                        related_name="members",
                        through="organizations.Membership",
                        to="organizations.organization",
                    ),
                )
            ]
        )
    ]
