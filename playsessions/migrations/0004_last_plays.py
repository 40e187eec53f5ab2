"""The newest play of each user, which the database keeps by itself.

Triggers, and not code of the application: whoever stores plays, also by SQL, has not to know of it,
and a trigger costs a play less than one more statement of the application.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_INTO = """
    INSERT INTO playsessions_lastplay
    (user_id, play_session_id, game_id, created_at, last_seen_at, ended_at)
"""
_COPY = f"""
    {_INTO} SELECT user_id, id, game_id, created_at, last_seen_at, ended_at
    FROM playsessions_playsession
"""  # noqa: S608  # our own text, here and below
_UPSERT = """
    ON CONFLICT (user_id) DO UPDATE SET
        play_session_id = excluded.play_session_id, game_id = excluded.game_id,
        created_at = excluded.created_at,
        last_seen_at = excluded.last_seen_at, ended_at = excluded.ended_at
"""
# As the list of plays is ordered; a play may be stored after one that began later.
_KEEP_NEWEST = f"""
    {_INTO} VALUES (
        NEW.user_id, NEW.id, NEW.game_id, NEW.created_at, NEW.last_seen_at, NEW.ended_at
    ) {_UPSERT}
    WHERE (excluded.created_at, excluded.play_session_id)
        > (playsessions_lastplay.created_at, playsessions_lastplay.play_session_id)
"""
_PROLONG = """
    UPDATE playsessions_lastplay SET last_seen_at = NEW.last_seen_at, ended_at = NEW.ended_at
    WHERE user_id = NEW.user_id AND play_session_id = NEW.id
"""
_FORGET = """
    DELETE FROM playsessions_lastplay WHERE user_id = OLD.user_id AND play_session_id = OLD.id
"""


def _find_newest(of: str) -> str:
    """Without the table of users: SQLite cannot rebuild a table that triggers of others name."""
    return f"""
        {_COPY} WHERE {of}
        ORDER BY created_at DESC, id DESC LIMIT 1
    """


_FIND_AGAIN = f"""
    DELETE FROM playsessions_lastplay WHERE user_id IN (OLD.user_id, NEW.user_id);
    {_find_newest("user_id = OLD.user_id")};
    {_find_newest("user_id = NEW.user_id AND NEW.user_id <> OLD.user_id")}
"""  # noqa: S608
# One step into an index for each user, not a look at each play.
_FILL = f"""
    {_COPY} WHERE id IN (
        SELECT (
            SELECT id FROM playsessions_playsession WHERE user_id = users_user.id
            ORDER BY created_at DESC, id DESC LIMIT 1
        ) FROM users_user
    )
"""  # noqa: S608

_SQLITE = (
    f"""
    CREATE TRIGGER playsessions_play_stored AFTER INSERT ON playsessions_playsession BEGIN
        {_KEEP_NEWEST};
    END
    """,
    f"""
    CREATE TRIGGER playsessions_play_prolonged
    AFTER UPDATE OF last_seen_at, ended_at ON playsessions_playsession BEGIN
        {_PROLONG};
    END
    """,
    f"""
    CREATE TRIGGER playsessions_play_corrected
    AFTER UPDATE OF id, user_id, game_id, created_at ON playsessions_playsession BEGIN
        {_FIND_AGAIN};
    END
    """,
    f"""
    CREATE TRIGGER playsessions_last_play_deleted AFTER DELETE ON playsessions_playsession
    WHEN OLD.id = (SELECT play_session_id FROM playsessions_lastplay WHERE user_id = OLD.user_id)
    BEGIN
        {_FORGET};
        {_find_newest("user_id = OLD.user_id")};
    END
    """,  # noqa: S608
)
_SQLITE_REVERSE = (
    "DROP TRIGGER playsessions_play_stored",
    "DROP TRIGGER playsessions_play_prolonged",
    "DROP TRIGGER playsessions_play_corrected",
    "DROP TRIGGER playsessions_last_play_deleted",
)

# Whoever changes or deletes a play, also one that is not the newest, has the lock of its user's copy
# until the end of the transaction, and looks for the newest play after that: of two at once, the
# later one sees what the earlier one did. The row is written over, not deleted and made anew, so
# that those who wait for it find it, and the account, which it refers to, is not locked after it.
_POSTGRESQL = (
    f"""
    CREATE FUNCTION playsessions_keep_last_play() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            {_KEEP_NEWEST};
            RETURN NULL;
        ELSIF TG_OP = 'TRUNCATE' THEN
            DELETE FROM playsessions_lastplay;
            RETURN NULL;
        END IF;
        PERFORM FROM playsessions_lastplay WHERE user_id IN (OLD.user_id, NEW.user_id)
        ORDER BY user_id FOR UPDATE;
        IF TG_OP = 'UPDATE' THEN
            IF (OLD.id, OLD.user_id, OLD.game_id, OLD.created_at)
                IS NOT DISTINCT FROM (NEW.id, NEW.user_id, NEW.game_id, NEW.created_at) THEN
                {_PROLONG};
                RETURN NULL;
            ELSIF NEW.user_id <> OLD.user_id THEN
                {_KEEP_NEWEST};
            END IF;
        ELSIF NOT EXISTS (
            SELECT FROM playsessions_lastplay
            WHERE user_id = OLD.user_id AND play_session_id = OLD.id
        ) THEN
            RETURN NULL;
        END IF;
        {_find_newest("user_id = OLD.user_id")} {_UPSERT};
        IF NOT FOUND THEN
            DELETE FROM playsessions_lastplay WHERE user_id = OLD.user_id;
        END IF;
        RETURN NULL;
    END $$
    """,  # noqa: S608
    """
    CREATE TRIGGER playsessions_plays_change
    AFTER INSERT OR UPDATE OR DELETE ON playsessions_playsession
    FOR EACH ROW EXECUTE FUNCTION playsessions_keep_last_play()
    """,
    """
    CREATE TRIGGER playsessions_plays_truncated AFTER TRUNCATE ON playsessions_playsession
    FOR EACH STATEMENT EXECUTE FUNCTION playsessions_keep_last_play()
    """,
)
_POSTGRESQL_REVERSE = (
    "DROP TRIGGER playsessions_plays_change ON playsessions_playsession",
    "DROP TRIGGER IF EXISTS playsessions_plays_truncated ON playsessions_playsession",
    "DROP FUNCTION playsessions_keep_last_play()",
)


def create(apps: Any, schema_editor: Any) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    # After the triggers: who plays concurrently waits for this transaction, or is found here.
    for statement in (*(_SQLITE if is_sqlite else _POSTGRESQL), _FILL):
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in _SQLITE_REVERSE if is_sqlite else _POSTGRESQL_REVERSE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("playsessions", "0003_count_played_games"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LastPlay",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="last_play",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "play_session",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="playsessions.playsession",
                    ),
                ),
                (
                    "game",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="games.game",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunPython(create, drop),
    ]
