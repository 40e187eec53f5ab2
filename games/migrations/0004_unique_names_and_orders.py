"""One game of one name and year; an index for each order, ties included, and for trending games."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("games", "0003_name_keys"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="dailyplays",
            index=models.Index(fields=["date", "game", "plays"], name="games_dailyplays_by_date"),
        ),
        migrations.AddIndex(
            model_name="game",
            index=models.Index(fields=["name_casefolded", "id"], name="games_game_by_name"),
        ),
        migrations.AddIndex(
            model_name="game",
            index=models.Index(
                fields=["genre", "name_casefolded", "id"], name="games_game_by_genre_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="game",
            constraint=models.UniqueConstraint(
                fields=("name_key", "released"),
                name="games_game_name_and_year",
                violation_error_code="taken_name",
                violation_error_message="There is a game of this name and year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="game",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released__isnull", True)),
                fields=("name_key",),
                name="games_game_name_without_year",
                violation_error_code="taken_name",
                violation_error_message="There is a game of this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="game",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name_key", ""), _negated=True),
                    models.Q(("name_casefolded", ""), _negated=True),
                ),
                name="games_game_name_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="game",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released__isnull", True), ("released__gte", 1900), _connector="OR"
                ),
                name="games_game_released",
                violation_error_message="The year must not be before 1900.",
            ),
        ),
        migrations.AddConstraint(
            model_name="genre",
            constraint=models.UniqueConstraint(
                fields=("name_key",),
                name="games_genre_name",
                violation_error_code="taken_name",
                violation_error_message="There is a genre of this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="genre",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_key", ""), _negated=True), name="games_genre_name_key"
            ),
        ),
    ]
