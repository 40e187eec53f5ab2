"""Counters of plays, written by `playsessions.services`: reading them counts no plays."""

from django.conf import settings
from django.db import models

from games.models.catalogue import Game


class DailyPlays(models.Model):
    """Plays of one game on one day (UTC): a chart of years scans no plays."""

    game = models.ForeignKey(
        Game, on_delete=models.CASCADE, related_name="daily_plays", db_index=False
    )
    date = models.DateField()
    plays = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "daily plays"
        constraints = [
            models.UniqueConstraint(fields=["game", "date"], name="games_dailyplays_one_per_day")
        ]
        # Trending games are read from this alone.
        indexes = [models.Index(fields=["date", "game", "plays"], name="games_dailyplays_by_date")]

    def __str__(self) -> str:
        return f"{self.date}: {self.plays}"


class PlayedGame(models.Model):
    """One person's plays of one game."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="played_games",
        db_index=False,
    )
    game = models.ForeignKey(Game, on_delete=models.CASCADE, related_name="played_by")
    plays = models.PositiveBigIntegerField()
    # Of all plays, each up to its last sign of life.
    seconds = models.PositiveBigIntegerField(default=0)
    # The start of the latest play.
    last_played_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "game"], name="games_playedgame_one_per_game")
        ]
        indexes = [
            models.Index(fields=["user", "last_played_at", "id"], name="games_playedgame_newest")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} played {self.game_id} {self.plays} times"
