"""What each person played, of the plays that are stored already."""

from typing import Any

from django.db import migrations


def count(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(
        "INSERT INTO games_playedgame (user_id, game_id, plays, seconds, last_played_at)"
        " SELECT user_id, game_id, count(*), 0, max(created_at)"
        " FROM playsessions_playsession GROUP BY user_id, game_id"
    )


def forget(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DELETE FROM games_playedgame")


class Migration(migrations.Migration):
    dependencies = [("playsessions", "0002_lengths")]

    operations = [migrations.RunPython(count, forget)]
