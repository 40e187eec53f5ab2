from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from games.serializers import GAME_EXAMPLE, GameSerializer


@extend_schema_serializer(
    examples=[OpenApiExample("A recommended game", {**GAME_EXAMPLE, "because": 7})]
)
class RecommendedGameSerializer(GameSerializer):
    """A game, and the played game that is the main reason for it."""

    because = serializers.IntegerField(
        allow_null=True,
        help_text="The id of the played game that is the main reason for this one; null"
        " for a game that is trending or of a genre that one chose.",
    )
