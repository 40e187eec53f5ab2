from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0002_limits_resets_and_known_addresses")]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(fields=["id", "gender"], name="users_id_gender"),
        ),
    ]
