from django.db import models
from django.db.models import Q

from core.model_fields import CodePointCharField
from core.models import ConstraintFieldErrorsMixin
from core.text import casefold_nfkc
from games.names import FOLDED_NAME_LENGTH, GAME_NAME_LENGTH, GENRE_NAME_LENGTH, search_text


class Genre(ConstraintFieldErrorsMixin):
    constraint_fields = {"taken_name": "name"}

    name = models.CharField(max_length=GENRE_NAME_LENGTH)
    name_folded = CodePointCharField(max_length=FOLDED_NAME_LENGTH, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name_folded"],
                name="games_genre_name",
                violation_error_code="taken_name",
                violation_error_message="There is a genre of this name.",
            ),
            models.CheckConstraint(condition=~Q(name_folded=""), name="games_genre_name_folded"),
        ]

    def __str__(self) -> str:
        return self.name

    def rename(self, name: str) -> None:
        self.name = name
        self.name_folded = casefold_nfkc(name)


class Game(ConstraintFieldErrorsMixin):
    constraint_fields = {"taken_name": "name"}

    name = models.CharField(max_length=GAME_NAME_LENGTH)
    # What makes a name unique whatever its case, and the order by name.
    name_folded = CodePointCharField(max_length=FOLDED_NAME_LENGTH, editable=False)
    search_text = models.CharField(max_length=FOLDED_NAME_LENGTH, editable=False)
    genre = models.ForeignKey(Genre, on_delete=models.PROTECT, related_name="games", db_index=False)
    # Plays ever made. Kept by `playsessions.services.record_play`, so that reading counts no rows;
    # it stays when a player's account is deleted.
    play_count = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name_folded"],
                name="games_game_name",
                violation_error_code="taken_name",
                violation_error_message="There is a game of this name.",
            ),
            models.CheckConstraint(
                condition=~Q(name_folded="") & ~Q(search_text=""), name="games_game_name_folded"
            ),
        ]
        # One for each order that `GET /games` offers, with and without `?genre=`; by name without
        # a genre is the unique constraint's.
        indexes = [
            models.Index(fields=["play_count", "id"], name="games_game_by_plays"),
            models.Index(fields=["genre", "id"], name="games_game_by_genre"),
            models.Index(fields=["genre", "name_folded"], name="games_game_by_genre_name"),
            models.Index(fields=["genre", "play_count", "id"], name="games_game_by_genre_plays"),
        ]

    def __str__(self) -> str:
        return self.name

    def rename(self, name: str) -> None:
        self.name = name
        self.name_folded = casefold_nfkc(name)
        self.search_text = search_text(name)


class DailyPlays(models.Model):
    """Plays of one game on one day (UTC): a counter, so that a chart of years scans no plays."""

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

    def __str__(self) -> str:
        return f"{self.date}: {self.plays}"
