from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.fields import empty

from api.query_params import IdField
from playsessions.models import PlaySession
from playsessions.selectors import PlaySessionRow


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A play session",
            {"id": 815, "user": 7, "game": 12, "created_at": "2026-03-31T18:04:05.678901Z"},
        )
    ]
)
class PlaySessionSerializer(serializers.Serializer[Any]):
    """Who played what, and when."""

    # The fields are for the documentation; see `games.serializers.GameSerializer`.

    id = serializers.IntegerField()
    user = serializers.IntegerField(help_text="The player's id.")
    game = serializers.IntegerField(help_text="The game's id.")
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: PlaySessionRow) -> dict[str, Any]:
        return {
            "id": instance["id"],
            "user": instance["user_id"],
            "game": instance["game_id"],
            "created_at": instance["created_at"],
        }


def to_row(play_session: PlaySession) -> PlaySessionRow:
    return {
        "id": play_session.pk,
        "user_id": play_session.user_id,
        "game_id": play_session.game_id,
        "created_at": play_session.created_at,
    }


@extend_schema_serializer(examples=[OpenApiExample("A play of game 12", {"game": 12})])
class PlaySessionCreateSerializer(serializers.Serializer[Any]):
    """What is played."""

    # For the documentation; `parse_game_id` reads it.

    game = IdField(help_text="Its id.")


_game = IdField()


def parse_game_id(body: Any) -> int:
    """The id of the game to play. One field that is made once: a serializer copies its fields for
    every request, which takes longer than storing the play."""
    try:
        game: int = _game.run_validation(body.get("game", empty))
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"game": error.detail}) from error
    return game


class PlaySessionQuerySerializer(serializers.Serializer[Any]):
    user = IdField(required=False, help_text="Only plays of this user; for staff.")
    game = IdField(required=False, help_text="Only plays of this game.")
