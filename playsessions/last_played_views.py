from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.permissions import IsStaff
from api.response_cache import cache_response
from api.views import ApiViewSet
from games.serializers import GenreSerializer
from playsessions.last_played import LastPlayedRow, users_with_last_play
from users.models import User


class PlayedGameSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    genre = GenreSerializer()


class LastPlaySerializer(serializers.Serializer[Any]):
    game = PlayedGameSerializer()
    played_at = serializers.DateTimeField()


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
                },
            },
        ),
    ]
)
class LastPlayedSerializer(serializers.Serializer[LastPlayedRow]):
    """Somebody and what they played last."""

    # The fields are for the documentation; see `games.serializers.GameSerializer`.

    id = serializers.IntegerField()
    username = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    last_played = LastPlaySerializer(allow_null=True)

    def to_representation(self, instance: LastPlayedRow) -> dict[str, Any]:
        return {
            "id": instance["id"],
            "username": instance["username"],
            "email": instance["email"],
            "last_played": _last_played(instance),
        }


def _last_played(row: LastPlayedRow) -> dict[str, Any] | None:
    if row["last_play__created_at"] is None:
        return None
    genre = {"id": row["last_play__game__genre__id"], "name": row["last_play__game__genre__name"]}
    return {
        "game": {
            "id": row["last_play__game__id"],
            "name": row["last_play__game__name"],
            "genre": genre,
        },
        "played_at": row["last_play__created_at"],
    }


@extend_schema(tags=["Accounts"])
class LastPlayedViewSet(mixins.ListModelMixin, ApiViewSet):
    permission_classes = (IsStaff,)
    serializer_class = LastPlayedSerializer
    ordering = ("id",)

    def get_queryset(self) -> QuerySet[User, Any]:
        return users_with_last_play()

    @extend_schema(summary="All users with the game each played last (staff)")
    @cache_response()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
