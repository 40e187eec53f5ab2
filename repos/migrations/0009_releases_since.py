from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("repos", "0008_releases_known"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="trackedrepository",
            name="releases_known",
        ),
        migrations.AddField(
            model_name="trackedrepository",
            name="releases_since",
            field=models.DateField(blank=True, null=True),
        ),
    ]
