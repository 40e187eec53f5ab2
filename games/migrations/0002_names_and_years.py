"""Columns for names as they are compared, and for the year that tells two of one name apart."""

from django.db import migrations, models

import core.db.fields


class Migration(migrations.Migration):
    dependencies = [("games", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("Genre", "games_genre_name"),
        migrations.RemoveConstraint("Genre", "games_genre_name_folded"),
        migrations.RemoveConstraint("Game", "games_game_name"),
        migrations.RemoveConstraint("Game", "games_game_name_folded"),
        migrations.RemoveIndex("Game", "games_game_by_genre_name"),
        migrations.RenameField("Genre", "name_folded", "name_key"),
        migrations.RenameField("Game", "name_folded", "name_casefolded"),
        migrations.RenameField("Game", "search_text", "name_key"),
        migrations.AlterField(
            "Game", "name_key", core.db.fields.CodePointCharField(max_length=400, editable=False)
        ),
        migrations.AddField(
            "Game",
            "released",
            models.PositiveSmallIntegerField(
                null=True,
                blank=True,
                help_text="The year; it tells two games of one name apart.",
            ),
        ),
    ]
