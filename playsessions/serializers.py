from datetime import datetime
from operator import attrgetter
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.fields import empty

from api.query_params import IdField
from api.serializers import RowSerializer
from core.db.prepared_query import Rows
from playsessions.lengths import end_of_play, whole_seconds
from playsessions.models import PlaySession
from playsessions.selectors import PLAY_COLUMNS


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A play session",
            {
                "id": 815,
                "user": 7,
                "game": 12,
                "created_at": "2026-03-31T18:04:05.678901Z",
                "ended_at": "2026-03-31T18:46:05.123456Z",
                "seconds": 2519,
            },
        )
    ]
)
class PlaySessionSerializer(RowSerializer):
    """Who played what, and when."""

    id = serializers.IntegerField()
    user = serializers.IntegerField(help_text="The player's id.")
    game = serializers.IntegerField(help_text="The game's id.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Null while it lasts; five minutes of silence end it at the last heartbeat.",
    )
    seconds = serializers.IntegerField(
        allow_null=True, help_text="How long the play lasted; null while it lasts."
    )

    @classmethod
    def represent(cls, rows: Rows) -> list[dict[str, Any]]:
        now = timezone.now()
        return [_represent(columns, now) for columns in rows.tuples]


def represent(play: PlaySession, *, now: datetime) -> dict[str, Any]:
    return _represent(attrgetter(*PLAY_COLUMNS)(play), now)


def _represent(columns: tuple[Any, ...], now: datetime) -> dict[str, Any]:
    """`columns`: PLAY_COLUMNS."""
    play_id, user_id, game_id, created_at, last_seen_at, ended_at = columns
    ended_at = end_of_play(
        created_at=created_at, last_seen_at=last_seen_at, ended_at=ended_at, now=now
    )
    return {
        "id": play_id,
        "user": user_id,
        "game": game_id,
        "created_at": created_at,
        "ended_at": ended_at,
        "seconds": None if ended_at is None else whole_seconds(created_at, ended_at),
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


@extend_schema_serializer(examples=[OpenApiExample("To end it", {"ended": True})])
class PlaySessionUpdateSerializer(serializers.Serializer[Any]):
    """The end of a play, at the moment the server hears of it."""

    ended = serializers.BooleanField(help_text="true; a play that ended does not go on.")

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and "ended" in data and data["ended"] is not True:
            raise serializers.ValidationError(
                {"ended": "Only true is possible: a play that ended does not go on."}
            )
        return super().to_internal_value(data)


class PlaySessionQuerySerializer(serializers.Serializer[Any]):
    user = IdField(required=False, help_text="Only plays of this user; for staff.")
    game = IdField(required=False, help_text="Only plays of this game.")
