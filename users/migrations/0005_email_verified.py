from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("users", "0004_known_ip")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email_verified",
            field=models.BooleanField(
                default=False,
                help_text="Whether its owner has proved by a code to read its mail.",
            ),
        ),
    ]
