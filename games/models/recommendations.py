"""What `manage.py build_recommendations` stores (docs/recommendations.md).

Each list is one value, written and read as a whole: a list is never half old and half new, and
reading one is one step into a primary key. A game that was deleted since is skipped.
"""

from django.conf import settings
from django.db import models

from games.models.catalogue import Game


class SimilarGames(models.Model):
    """`neighbours`: [[game, nearness], …], nearest first."""

    game = models.OneToOneField(
        Game, on_delete=models.CASCADE, primary_key=True, related_name="similar_games"
    )
    neighbours = models.JSONField()

    class Meta:
        verbose_name_plural = "similar games"

    def __str__(self) -> str:
        return f"games similar to {self.game_id}"


class RecommendedGames(models.Model):
    """`suggestions`: [[game, because], …], best first.

    They are old as soon as their user has played another number of games than `played_count`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="recommended_games",
    )
    suggestions = models.JSONField()
    played_count = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "recommended games"

    def __str__(self) -> str:
        return f"games recommended to {self.user_id}"
