from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import ApiViewSet, ListMixin
from games.models import PlayedGame
from games.serializers import GAME_EXAMPLE, GameSerializer
from playsessions.my_games import MyGameRow, games_of, seconds_under_way
from users.sessions.authentication import SignedInRequest


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A game that one has played",
            GAME_EXAMPLE
            | {"plays": 3, "seconds": 7384, "last_played_at": "2026-03-31T18:04:05.678901Z"},
        )
    ]
)
class MyGameSerializer(GameSerializer):
    """A game, and how much one has played it."""

    plays = serializers.IntegerField(help_text="One's own.")
    seconds = serializers.IntegerField(help_text="Of all of them, one under way included.")
    last_played_at = serializers.DateTimeField(help_text="The start of the latest play.")

    @classmethod
    def represent(cls, rows: Iterable[MyGameRow]) -> list[dict[str, Any]]:
        return [
            {
                "id": row["game_id"],
                "name": row["game__name"],
                "genre": {"id": row["game__genre_id"], "name": row["game__genre__name"]},
                "released": row["game__released"],
                "play_count": row["game__play_count"],
                "plays": row["plays"],
                "seconds": row["seconds"],
                "last_played_at": row["last_played_at"],
            }
            for row in rows
        ]


@extend_schema(tags=["Games"])
class MyGamesViewSet(ListMixin, ApiViewSet):
    request: SignedInRequest
    serializer_class = MyGameSerializer
    ordering = ("-last_played_at", "-id")

    def get_queryset(self) -> QuerySet[PlayedGame, Any]:
        return games_of(self.request.user)

    def represent(self, rows: Sequence[MyGameRow]) -> Sequence[Any]:
        under_way = seconds_under_way(self.request.user, now=timezone.now())
        return super().represent(
            [{**row, "seconds": row["seconds"] + under_way[row["game_id"]]} for row in rows]
        )

    @extend_schema(summary="One's own games, the one played last first")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
