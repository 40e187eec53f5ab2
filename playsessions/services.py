"""Every write of play sessions."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from core.exceptions import Conflict, Forbidden, NotFound, Unprocessable, ValidationFailed
from core.model_fields import MAX_ID
from core.sqlite.group_commit import in_group_commit
from games.models import PlayedGame
from playsessions.lengths import end_of_play, whole_seconds
from playsessions.models import PlaySession
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


class IdempotencyKeyReused(Unprocessable):
    code = "idempotency_key_reused"
    message = (
        "This Idempotency-Key came with another body before; "
        "send the first body again, or a new key for a new request."
    )


class UnknownPlay(NotFound):
    message = "You have no play session with this id; GET /playsessions lists yours."


class PlayEnded(Conflict):
    code = "play_ended"
    message = (
        "This play has ended, by its client or by silence of five minutes; "
        "record a new one with POST /playsessions."
    )


@dataclass(frozen=True)
class IdempotencyKey:
    """What makes a repeated request known: the client's key, and a digest of the body."""

    key: str
    request_digest: bytes


def record_play(
    *, user: User, game_id: int, now: datetime, idempotency: IdempotencyKey | None = None
) -> PlaySession:
    """Store one play at `now` (aware, UTC) and count it, for the game, its day and the player (A7).

    Raises BirthdateMissing, TooYoung (A2), UnknownGame, KeyUsedForAnotherRequest. Of many requests
    with one key at one instant one stores; the others get what it stored.
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
    """What this key stored before. Raises KeyUsedForAnotherRequest."""
    earlier = PlaySession.objects.filter(user=user, idempotency_key=idempotency.key).first()
    if earlier is not None and bytes(earlier.request_digest or b"") != idempotency.request_digest:
        raise IdempotencyKeyReused
    return earlier


def _store_and_count(
    *, user: User, game_id: int, now: datetime, idempotency: IdempotencyKey | None = None
) -> PlaySession:
    play_session = PlaySession(
        user=user,
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
    moment = connection.ops.adapt_datetimefield_value(play_session.created_at)
    day = connection.ops.adapt_datefield_value(play_session.created_at.date())
    with connection.cursor() as cursor:
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
        cursor.execute(
            "INSERT INTO games_playedgame (user_id, game_id, plays, seconds, last_played_at)"
            " VALUES (%s, %s, 1, 0, %s) ON CONFLICT (user_id, game_id) DO UPDATE SET"
            " plays = games_playedgame.plays + 1, last_played_at = CASE"
            " WHEN excluded.last_played_at > games_playedgame.last_played_at"
            " THEN excluded.last_played_at ELSE games_playedgame.last_played_at END",
            [user_id, game_id, moment],
        )
        cursor.execute(
            "INSERT INTO playsessions_playsession"
            " (user_id, game_id, created_at, idempotency_key, request_digest)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING id",
            [
                *(user_id, game_id, moment, play_session.idempotency_key),
                bytes(digest) if digest is not None else None,
            ],
        )
        [play_session_id] = cursor.fetchone()
    return int(play_session_id)


def record_heartbeat(*, user: User, play_session_id: int, now: datetime) -> None:
    """The play is still under way at `now`. Raises UnknownPlay for somebody else's play,
    PlayEnded once it ended, also by silence."""
    with transaction.atomic():
        play = _locked(user, play_session_id)
        end = _stored_end(play, now)
        # At most one write a second, however fast a client calls.
        if end is None and whole_seconds(play.last_seen_at or play.created_at, now):
            _prolong(play, now)
    if end is not None:
        raise PlayEnded


def end_play(*, user: User, play_session_id: int, now: datetime) -> PlaySession:
    """The play, ended at `now`, or when it ended before. Raises UnknownPlay for somebody
    else's play."""
    with transaction.atomic():
        play = _locked(user, play_session_id)
        if _stored_end(play, now) is None:
            # Not before the last sign of life, if the clock was set back.
            _prolong(play, max(now, play.last_seen_at or play.created_at), ends=True)
    return play


def _locked(user: User, play_session_id: int) -> PlaySession:
    """SQLite has no row locks, but one writer at a time."""
    plays = PlaySession.objects.select_for_update()
    play = plays.filter(pk=min(play_session_id, MAX_ID), user=user).first()
    if play is None:
        raise UnknownPlay
    return play


def _stored_end(play: PlaySession, now: datetime) -> datetime | None:
    """When the play ended; an end by silence is stored with this."""
    end = end_of_play(
        created_at=play.created_at,
        last_seen_at=play.last_seen_at,
        ended_at=play.ended_at,
        now=now,
    )
    if end != play.ended_at:
        play.ended_at = end
        play.save(update_fields=["ended_at"])
    return end


def _prolong(play: PlaySession, until: datetime, *, ends: bool = False) -> None:
    """Count the time since the last sign of life for the player, too."""
    counted = whole_seconds(play.created_at, play.last_seen_at or play.created_at)
    gained = whole_seconds(play.created_at, until) - counted
    play.last_seen_at = until
    play.ended_at = until if ends else None
    play.save(update_fields=["last_seen_at", "ended_at"])
    PlayedGame.objects.filter(user=play.user_id, game=play.game_id).update(
        seconds=F("seconds") + gained
    )
