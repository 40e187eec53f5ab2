from django.conf import settings
from django.db import migrations, models

from core.db.permissions import rename_permissions


class Migration(migrations.Migration):
    dependencies = [("users", "0003_users_by_id_and_gender")]
    operations = [
        migrations.RenameModel("KnownAddress", "KnownIP"),
        rename_permissions("users", "knownaddress", "knownip"),
        migrations.RemoveConstraint("knownip", "users_one_row_per_known_address"),
        migrations.RenameField("knownip", "address_hash", "ip_hash"),
        migrations.AddConstraint(
            "knownip",
            models.UniqueConstraint(fields=["user", "ip_hash"], name="users_one_row_per_known_ip"),
        ),
        migrations.AlterField(
            "knownip",
            "user",
            models.ForeignKey(
                on_delete=models.CASCADE,
                related_name="known_ips",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterModelOptions("knownip", {"verbose_name_plural": "known IP addresses"}),
    ]
