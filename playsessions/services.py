"""Every write of play sessions."""

from datetime import datetime
from functools import partial

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.db.fields import MAX_ID
from core.db.prepared_query import PreparedQuery
from core.db.sqlite.group_commit import in_group_commit
from core.exceptions import Conflict, Forbidden, NotFound, ValidationFailed
from core.idempotency import IdempotencyKey, IdempotencyKeyReused
from playsessions.lengths import end_of_play, whole_seconds
from playsessions.models import PlaySession
from playsessions.selectors import PLAY_COLUMNS
from users.locking import AccountDeleted
from users.models import User
from users.profiles.ages import ADULT_AGE_YEARS, is_adult


class BirthdateMissing(Forbidden):
    code = "birthdate_missing"
    message = (
        f"Playing is for people of {ADULT_AGE_YEARS} and older; "
        "add your birthdate to your profile with PATCH /users/me first."
    )


class TooYoung(Forbidden):
    code = "too_young"
    message = (
        f"Playing is for people of {ADULT_AGE_YEARS} and older; "
        "come back on your birthday, or correct your birthdate with PATCH /users/me."
    )


class UnknownGame(ValidationFailed):
    code = "does_not_exist"
    message = "There is no game with this id; GET /games lists them."


class UnknownPlay(NotFound):
    message = "You have no play session with this id; GET /playsessions lists yours."


class PlayEnded(Conflict):
    code = "play_ended"
    message = (
        "This play has ended, by its client or by silence of five minutes; "
        "record a new one with POST /playsessions."
    )


def record_play(
    *, user: User, game_id: int, now: datetime, idempotency: IdempotencyKey | None = None
) -> PlaySession:
    """Store one play at `now` (aware, UTC) and count it, for the game, its day and the player (A7).

    Raises BirthdateMissing, TooYoung (A2), UnknownGame, AccountDeleted, IdempotencyKeyReused. Of
    many requests with one key at one instant one stores; the others get what it stored.
    """
    if user.birthdate is None:
        raise BirthdateMissing
    if not is_adult(user.birthdate, on=now.date()):
        raise TooYoung
    if idempotency is None:
        return _store_and_count(user=user, game_id=game_id, now=now)
    try:
        return _store_and_count(user=user, game_id=game_id, now=now, idempotency=idempotency)
    except IntegrityError:
        earlier = find_by_idempotency_key(user=user, idempotency=idempotency)
        if earlier is None:
            raise
        return earlier


def find_by_idempotency_key(*, user: User, idempotency: IdempotencyKey) -> PlaySession | None:
    """What this key stored before. Raises IdempotencyKeyReused."""
    earlier = PlaySession.objects.filter(user=user, idempotency_key=idempotency.key).first()
    if earlier is not None and bytes(earlier.request_digest or b"") != idempotency.request_digest:
        raise IdempotencyKeyReused
    return earlier


def _store_and_count(
    *, user: User, game_id: int, now: datetime, idempotency: IdempotencyKey | None = None
) -> PlaySession:
    play_session = PlaySession(
        user_id=user.pk,
        game_id=game_id,
        created_at=now,
        idempotency_key=idempotency.key if idempotency else None,
        request_digest=idempotency.request_digest if idempotency else None,
    )
    play_session.pk = in_group_commit(partial(_insert_and_count, play_session))
    return play_session


def _insert_and_count(play_session: PlaySession) -> int:
    """As SQL, because this is what clients call most: the ORM takes ten times as long to write
    these four statements as the database to run them."""
    user_id, game_id = play_session.user_id, play_session.game_id
    digest = play_session.request_digest
    database = connections[DEFAULT_DB_ALIAS]
    moment = database.ops.adapt_datetimefield_value(play_session.created_at)
    day = database.ops.adapt_datefield_value(play_session.created_at.date())
    with database.cursor() as cursor:
        # In the database: two plays at one instant both count, and reading never counts rows.
        cursor.execute("UPDATE games_game SET play_count = play_count + 1 WHERE id = %s", [game_id])
        if not cursor.rowcount:
            raise UnknownGame(attr="game")
        # One statement for the first play of the day and for every later one.
        cursor.execute(
            "INSERT INTO games_dailyplays (game_id, date, plays) VALUES (%s, %s, 1)"
            " ON CONFLICT (game_id, date) DO UPDATE SET plays = games_dailyplays.plays + 1",
            [game_id, day],
        )
        # Before what the player has played, as in `_prolong`: the triggers of plays lock a row of
        # the player, too, and two who lock in different orders wait for each other.
        cursor.execute(
            "INSERT INTO playsessions_playsession"  # noqa: S608  # a constant
            " (user_id, game_id, created_at, idempotency_key, request_digest)"
            f" SELECT id, %s, %s, %s, %s FROM users_user WHERE id = %s {_kept(database)}"
            " RETURNING id",
            [
                *(game_id, moment, play_session.idempotency_key),
                *(bytes(digest) if digest is not None else None, user_id),
            ],
        )
        stored = cursor.fetchone()
        if not stored:
            raise AccountDeleted
        cursor.execute(
            "INSERT INTO games_playedgame (user_id, game_id, plays, seconds, last_played_at)"
            " VALUES (%s, %s, 1, 0, %s)"
            " ON CONFLICT (user_id, game_id) DO UPDATE SET"
            " plays = games_playedgame.plays + 1, last_played_at = CASE"
            " WHEN excluded.last_played_at > games_playedgame.last_played_at"
            " THEN excluded.last_played_at ELSE games_playedgame.last_played_at END",
            [user_id, game_id, moment],
        )
    return int(stored[0])


def _kept(database: BaseDatabaseWrapper) -> str:
    """What a SELECT of the player ends with, so that their account is deleted before or after, as
    in `users.locking`."""
    return "FOR KEY SHARE" if database.vendor == "postgresql" else ""


def record_heartbeat(*, user: User, play_session_id: int, now: datetime) -> None:
    """The play is still under way at `now`. Raises UnknownPlay for somebody else's play,
    PlayEnded once it ended, also by silence."""
    play = _play_of(user, play_session_id)
    if _stored_end(play, now) is not None:
        raise PlayEnded
    # At most one write a second, however fast a client calls.
    if whole_seconds(_last_sign(play), now):
        in_group_commit(partial(_prolong, play, now, is_end=False))


def end_play(*, user: User, play_session_id: int, now: datetime) -> PlaySession:
    """The play, ended at `now`, or when it ended before. Raises UnknownPlay for somebody
    else's play."""
    play = _play_of(user, play_session_id)
    while _stored_end(play, now) is None:
        # Not before the last sign of life, if the clock was set back.
        until = max(now, _last_sign(play))
        if in_group_commit(partial(_prolong, play, until, is_end=True)):
            play.last_seen_at = play.ended_at = until
        else:  # A heartbeat or another end came in between.
            play = _play_of(user, play_session_id)
    return play


def _play_of(user: User, play_session_id: int) -> PlaySession:
    rows = _play_by_id.rows(min(play_session_id, MAX_ID), user.pk)
    if not rows:
        raise UnknownPlay
    return PlaySession(**rows[0])


_play_by_id = PreparedQuery(lambda: PlaySession.objects.filter(pk=0, user=0).values(*PLAY_COLUMNS))


def _last_sign(play: PlaySession) -> datetime:
    return play.last_seen_at or play.created_at


def _stored_end(play: PlaySession, now: datetime) -> datetime | None:
    """When the play ended; an end by silence is stored with this."""
    end = end_of_play(
        created_at=play.created_at,
        last_seen_at=play.last_seen_at,
        ended_at=play.ended_at,
        now=now,
    )
    if play.ended_at is None and end is not None:
        # Unless a heartbeat came in between, which a clock that was set forward makes possible.
        same = PlaySession.objects.filter(pk=play.pk, last_seen_at=play.last_seen_at)
        same.filter(ended_at=None).update(ended_at=end)
        play.ended_at = end
    return end


def _prolong(play: PlaySession, until: datetime, *, is_end: bool) -> bool:
    """Count the time since the last sign of life, for the player too. False, and nothing counted,
    when another request has changed the play since it was read.

    As SQL, because players send one of these every minute or so.
    """
    database = connections[DEFAULT_DB_ALIAS]
    moment = database.ops.adapt_datetimefield_value(until)
    known = database.ops.adapt_datetimefield_value(play.last_seen_at)
    unchanged = "last_seen_at IS NULL" if known is None else "last_seen_at = %s"
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE playsessions_playsession SET last_seen_at = %s, ended_at = %s"  # noqa: S608  # a constant
            f" WHERE id = %s AND ended_at IS NULL AND {unchanged}"
            f" AND user_id = (SELECT id FROM users_user WHERE id = %s {_kept(database)})",
            [
                *(moment, moment if is_end else None, play.pk),
                *([] if known is None else [known]),
                play.user_id,
            ],
        )
        if not cursor.rowcount:
            return False
        gained = whole_seconds(play.created_at, until) - whole_seconds(
            play.created_at, _last_sign(play)
        )
        cursor.execute(
            "UPDATE games_playedgame SET seconds = seconds + %s"
            " WHERE user_id = %s AND game_id = %s",
            [gained, play.user_id, play.game_id],
        )
    return True
