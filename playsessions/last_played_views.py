from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import PreparedPages
from api.permissions import IsStaff
from api.response_cache import cache_response
from api.serializers import RowSerializer
from api.views import ApiViewSet, ListMixin
from core.db.prepared_query import Rows
from games.serializers import GenreSerializer
from playsessions.last_played import users_with_last_play
from playsessions.lengths import end_of_play, whole_seconds
from users.models import User

# So late the end of a play by silence may be told.
MAX_DELAY = timedelta(seconds=5)


class PlayedGameSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    genre = GenreSerializer()


class LastPlaySerializer(serializers.Serializer[Any]):
    game = PlayedGameSerializer()
    played_at = serializers.DateTimeField()
    seconds = serializers.IntegerField(
        allow_null=True, help_text="How long the play lasted; null while it lasts."
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A user who has played",
            {
                "id": 7,
                "username": "ada",
                "email": "ada@example.org",
                "last_played": {
                    "game": {"id": 12, "name": "Tetris", "genre": {"id": 3, "name": "Puzzle"}},
                    "played_at": "2026-03-31T18:04:05.678901Z",
                    "seconds": 2519,
                },
            },
        ),
    ]
)
class LastPlayedSerializer(RowSerializer):
    """Somebody and what they played last."""

    id = serializers.IntegerField()
    username = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    last_played = LastPlaySerializer(allow_null=True)

    @classmethod
    def represent(cls, rows: Rows) -> list[dict[str, Any]]:
        now = timezone.now()
        return [
            {
                "id": user_id,
                "username": username,
                "email": email,
                "last_played": _last_played(play, now) if play[0] else None,
            }
            for user_id, username, email, *play in rows.tuples
        ]


def _last_played(columns: list[Any], now: datetime) -> dict[str, Any]:
    """`columns`: those of the play in COLUMNS."""
    played_at, last_seen_at, ended_at, game_id, game_name, genre_id, genre_name = columns
    ended_at = end_of_play(
        created_at=played_at, last_seen_at=last_seen_at, ended_at=ended_at, now=now
    )
    genre = {"id": genre_id, "name": genre_name}
    return {
        "game": {"id": game_id, "name": game_name, "genre": genre},
        "played_at": played_at,
        "seconds": None if ended_at is None else whole_seconds(played_at, ended_at),
    }


_users = PreparedPages(User, users_with_last_play)


@extend_schema(tags=["Accounts"])
class LastPlayedViewSet(ListMixin, ApiViewSet):
    permission_classes = (IsStaff,)
    serializer_class = LastPlayedSerializer
    ordering = ("id",)

    def get_queryset(self) -> Any:
        return _users.of()

    @extend_schema(
        operation_id="users_last_played_list",
        summary="List users with the game each played last (staff)",
    )
    # A play ends by silence without a write.
    @cache_response(expires=lambda now: now + MAX_DELAY)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
