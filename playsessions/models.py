from django.conf import settings
from django.db import models
from django.db.models import Q

from core.idempotency import MAX_KEY_LENGTH
from games.models import Game


class PlaySession(models.Model):
    """One play of one game. Its length is told by `playsessions.lengths`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="play_sessions",
        db_index=False,
    )
    game = models.ForeignKey(
        Game, on_delete=models.PROTECT, related_name="play_sessions", db_index=False
    )
    created_at = models.DateTimeField()
    # The newest heartbeat, or the end; null before the first.
    last_seen_at = models.DateTimeField(null=True, editable=False)
    # Null also for a play that ended by silence and was not written since.
    ended_at = models.DateTimeField(null=True, editable=False)
    # The `Idempotency-Key` of the request that made it, and a digest of that request's body. They
    # live here and not in a table of their own: a key holds as long as its play session does.
    idempotency_key = models.CharField(max_length=MAX_KEY_LENGTH, null=True, editable=False)
    request_digest = models.BinaryField(max_length=32, null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="playsessions_idempotency_key",
            ),
            models.CheckConstraint(
                condition=Q(idempotency_key__isnull=True, request_digest__isnull=True)
                | Q(idempotency_key__isnull=False, request_digest__isnull=False),
                name="playsessions_key_with_digest",
            ),
        ]
        # Newest first: of everybody, of one user, of one game, and of one user in one game.
        indexes = [
            models.Index(fields=["created_at", "id"], name="playsessions_newest"),
            models.Index(fields=["user", "created_at", "id"], name="playsessions_of_user"),
            models.Index(fields=["game", "created_at", "id"], name="playsessions_of_game"),
            models.Index(fields=["user", "game", "created_at", "id"], name="playsessions_of_both"),
            # Whose play may be under way; those without a heartbeat are among the newest.
            models.Index(
                fields=["user", "last_seen_at"],
                condition=Q(last_seen_at__isnull=False, ended_at__isnull=True),
                name="playsessions_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} played {self.game_id} at {self.created_at:%Y-%m-%d %H:%M}"


class LastPlay(models.Model):
    """The newest play of each user who has one: a copy, so that a list of users looks for no plays.
    Triggers write it, whoever changes plays (migration 0004)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        # Goes with the plays. In another order two transactions would wait for each other.
        on_delete=models.DO_NOTHING,
        primary_key=True,
        related_name="last_play",
    )
    # These two without a constraint or an index: the play keeps its game from being deleted.
    play_session = models.ForeignKey(
        PlaySession,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    game = models.ForeignKey(
        Game,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} played {self.game_id} last"
