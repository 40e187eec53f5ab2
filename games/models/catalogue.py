"""The catalogue."""

from django.db import models
from django.db.models import Q

from core.db.fields import CodePointCharField
from core.models import ConstraintFieldErrorsMixin, DerivedFieldsMixin
from core.text import casefold_nfkc, comparison_key
from games.names import (
    EARLIEST_RELEASE,
    GAME_NAME_LENGTH,
    GENRE_NAME_LENGTH,
    NAME_KEY_LENGTH,
)


class Genre(ConstraintFieldErrorsMixin, DerivedFieldsMixin):
    derived_fields = {"name_key": lambda genre: comparison_key(genre.name)}
    constraint_fields = {"taken_name": "name"}

    name = models.CharField(max_length=GENRE_NAME_LENGTH)
    name_key = CodePointCharField(max_length=NAME_KEY_LENGTH, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                name="games_genre_name",
                violation_error_code="taken_name",
                violation_error_message="There is a genre of this name.",
            ),
            models.CheckConstraint(condition=~Q(name_key=""), name="games_genre_name_key"),
        ]

    def __str__(self) -> str:
        return self.name


class Game(ConstraintFieldErrorsMixin, DerivedFieldsMixin):
    derived_fields = {
        "name_key": lambda game: comparison_key(game.name),
        "name_casefolded": lambda game: casefold_nfkc(game.name),
    }
    constraint_fields = {"taken_name": "name"}

    name = models.CharField(max_length=GAME_NAME_LENGTH)
    # What a search looks into, and what makes a name unique, together with the year.
    name_key = CodePointCharField(max_length=NAME_KEY_LENGTH, editable=False)
    # The order by name.
    name_casefolded = CodePointCharField(max_length=NAME_KEY_LENGTH, editable=False)
    genre = models.ForeignKey(Genre, on_delete=models.PROTECT, related_name="games", db_index=False)
    released = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The year; it tells two games of one name apart."
    )
    # Plays ever made. Counted by `playsessions.services.record_play`, so that reading counts no
    # rows; it stays when a player's account is deleted.
    play_count = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name_key", "released"],
                name="games_game_name_and_year",
                violation_error_code="taken_name",
                violation_error_message="There is a game of this name and year.",
            ),
            # No year counts as a value, too.
            models.UniqueConstraint(
                fields=["name_key"],
                condition=Q(released__isnull=True),
                name="games_game_name_without_year",
                violation_error_code="taken_name",
                violation_error_message="There is a game of this name.",
            ),
            models.CheckConstraint(
                condition=~Q(name_key="") & ~Q(name_casefolded=""), name="games_game_name_key"
            ),
            models.CheckConstraint(
                condition=Q(released__isnull=True) | Q(released__gte=EARLIEST_RELEASE),
                name="games_game_released",
                violation_error_message=f"The year must not be before {EARLIEST_RELEASE}.",
            ),
        ]
        # One for each order that `GET /games` offers, with and without `?genre=`.
        indexes = [
            models.Index(fields=["name_casefolded", "id"], name="games_game_by_name"),
            models.Index(fields=["play_count", "id"], name="games_game_by_plays"),
            models.Index(fields=["genre", "id"], name="games_game_by_genre"),
            models.Index(
                fields=["genre", "name_casefolded", "id"], name="games_game_by_genre_name"
            ),
            models.Index(fields=["genre", "play_count", "id"], name="games_game_by_genre_plays"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.released})" if self.released else self.name
