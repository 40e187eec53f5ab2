from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.schema import raises
from api.pagination import ListPagination, PreparedPages
from api.permissions import IsStaff
from api.query_params import DateRangeSerializer, read_date_range, read_query
from api.response_cache import cache_response
from api.views import ApiViewSet, ListMixin
from core.dates import next_day
from games import selectors, services
from games.models import Game, Genre
from games.recommendations.selectors import similar_games
from games.selectors import GameRow
from games.serializers import (
    ORDERINGS,
    DailyPlaysSerializer,
    GameQuerySerializer,
    GameSerializer,
    GameWriteSerializer,
    GenreSerializer,
    GenreWriteSerializer,
    TrendingGameSerializer,
    TrendingQuerySerializer,
)


class CatalogueViewSet(ListMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Read by everyone, written by staff."""

    permission_classes = (IsStaff,)
    open_methods = frozenset({"GET", "HEAD", "OPTIONS"})
    lookup_value_converter = "int"
    ordering: tuple[str, ...] = ("id",)

    @cache_response()
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @cache_response()
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    def _changed(self, record: Genre | Game) -> Response:
        """As a reader sees it from now on."""
        stored = get_object_or_404(self.get_queryset(), pk=record.pk)
        return Response(self.get_serializer(stored).data)

    def _created(self, record: Genre | Game) -> Response:
        response = self._changed(record)
        response.status_code = status.HTTP_201_CREATED
        response["Location"] = self.request.build_absolute_uri(f"{self.request.path}/{record.pk}")
        return response


_genres = PreparedPages(Genre, selectors.genres)
_games = PreparedPages(Game, selectors.games)


@extend_schema_view(
    list=extend_schema(summary="List genres"), retrieve=extend_schema(summary="Get a genre")
)
@extend_schema(tags=["Games"])
class GenreViewSet(CatalogueViewSet):
    serializer_class = GenreSerializer

    def get_queryset(self) -> Any:
        return _genres.of() if self.action == "list" else selectors.genres()

    @extend_schema(
        summary="Add a genre (staff)",
        request=GenreWriteSerializer,
        responses={201: GenreSerializer},
    )
    def create(self, request: Request) -> Response:
        incoming = GenreWriteSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        genre = services.create_genre(**incoming.validated_data)
        return self._created(genre)

    @extend_schema(summary="Rename a genre (staff)", request=GenreWriteSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        genre = get_object_or_404(Genre, pk=pk)
        incoming = GenreWriteSerializer(data=request.data, partial=True)
        incoming.is_valid(raise_exception=True)
        services.update_genre(genre, **incoming.validated_data)
        return self._changed(genre)

    @raises(services.GenreInUse)
    @extend_schema(summary="Delete a genre without games (staff)", responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        services.delete_genre(get_object_or_404(Genre, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema_view(
    list=extend_schema(
        summary="List games by genre, words of the name, and in an order",
        parameters=[GameQuerySerializer],
    ),
    retrieve=extend_schema(summary="Get a game"),
)
@extend_schema(tags=["Games"])
class GameViewSet(CatalogueViewSet):
    serializer_class = GameSerializer

    def get_queryset(self) -> Any:
        if self.action != "list":
            return selectors.games()
        if self._query.keys() <= {"ordering"}:
            return _games.of()
        return selectors.games_matching(
            genre=self._query.get("genre"), search=self._query.get("search", "")
        )

    @cache_response(fingerprint=selectors.game_fingerprint)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().retrieve(request, *args, **kwargs)

    def get_object(self) -> GameRow:
        game = selectors.find_game(self.kwargs["pk"])
        if game is None:
            raise Http404
        return game

    def get_ordering(self) -> tuple[str, ...]:
        if self.action != "list":
            return self.ordering
        return ORDERINGS.get(self._query.get("ordering", ""), self.ordering)

    @extend_schema(
        summary="Add a game (staff)", request=GameWriteSerializer, responses={201: GameSerializer}
    )
    def create(self, request: Request) -> Response:
        incoming = GameWriteSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        game = services.create_game(**incoming.validated_data)
        return self._created(game)

    @extend_schema(summary="Change a game (staff)", request=GameWriteSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        game = get_object_or_404(Game, pk=pk)
        incoming = GameWriteSerializer(data=request.data, partial=True)
        incoming.is_valid(raise_exception=True)
        services.update_game(game, **incoming.validated_data)
        return self._changed(game)

    @raises(services.GameInUse)
    @extend_schema(summary="Delete a game that was never played (staff)", responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        services.delete_game(get_object_or_404(Game, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="List the plays of a game by day",
        description="Days (UTC) with plays, oldest first.",
        parameters=[DateRangeSerializer],
        responses=DailyPlaysSerializer(many=True),
    )
    @action(detail=True, pagination_class=None)
    @cache_response()
    def plays(self, request: Request, pk: int) -> Response:
        within = read_date_range(request.query_params)
        game = get_object_or_404(Game.objects.only("id"), pk=pk)
        days = selectors.daily_plays(game_id=game.pk, within=within)
        return Response(DailyPlaysSerializer.represent(days))

    @extend_schema(
        summary="Games by plays within the last days",
        description="Most plays first; games without a play within the days are left out.",
        parameters=[TrendingQuerySerializer],
        responses=TrendingGameSerializer(many=True),
    )
    @action(detail=False, pagination_class=ListPagination, serializer_class=TrendingGameSerializer)
    @cache_response(expires=next_day)
    def trending(self, request: Request) -> Response:
        query = TrendingQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        days = query.validated_data["days"]
        self.ordering = ("-plays", "-game_id")
        return self._page_of(selectors.trending(days=days, today=timezone.now().date()))

    @extend_schema(
        summary="Games that the same people play",
        description="The nearest first; at most 50, as of the last night.",
        responses=GameSerializer(many=True),
    )
    @action(detail=True, pagination_class=ListPagination)
    @cache_response()
    def similar(self, request: Request, pk: int) -> Response:
        self.get_object()
        self.ordering = ("rank",)
        return self._page_of(
            [{"rank": rank, "game_id": game_id} for rank, game_id in enumerate(similar_games(pk))]
        )

    def _page_of(self, ranked: Sequence[Mapping[str, Any]]) -> Response:
        """A page of `ranked`, which name games by `game_id`."""
        page: Any = self.paginate_queryset(ranked)
        games = selectors.games_by_id([row["game_id"] for row in page])
        rows = [{**row, **games[row["game_id"]]} for row in page if row["game_id"] in games]
        return self.get_paginated_response(self.represent(rows))

    @cached_property
    def _query(self) -> dict[str, Any]:
        return read_query(GameQuerySerializer, self.request.query_params)
