from django.db import migrations

# Stars and forks stood in the row of the day's traffic.
_COPY = """
    INSERT INTO repos_repositoryfacts (repository_id, date, stars, forks)
    SELECT repository_id, date, stars, forks FROM repos_trafficday
    WHERE stars IS NOT NULL OR forks IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("repos", "0005_growth_weeks_releases_owners_alerts")]
    operations = [
        migrations.RunSQL(_COPY, migrations.RunSQL.noop),
        migrations.RemoveField("trafficday", "forks"),
        migrations.RemoveField("trafficday", "stars"),
    ]
