from functools import cached_property
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.schema import raises
from api.idempotency import idempotency_key_parameter, parse_idempotency_key
from api.pagination import PreparedPages
from api.query_params import read_query
from api.views import ApiViewSet, ListMixin
from core.idempotency import IdempotencyKeyReused
from playsessions import selectors, services
from playsessions.models import PlaySession
from playsessions.serializers import (
    PlaySessionCreateSerializer,
    PlaySessionQuerySerializer,
    PlaySessionSerializer,
    PlaySessionUpdateSerializer,
    parse_game_id,
    represent,
)
from users.sessions.authentication import SignedInRequest

IDEMPOTENCY_KEY = idempotency_key_parameter(
    "A repeated request with the same key gets the first result and stores nothing."
)


_all_plays = PreparedPages(PlaySession, selectors.play_sessions)
_plays_of = PreparedPages(PlaySession, selectors.play_sessions_of)


@extend_schema(tags=["Plays"])
class PlaySessionViewSet(ListMixin, ApiViewSet):
    request: SignedInRequest
    serializer_class = PlaySessionSerializer
    lookup_value_converter = "int"
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> Any:
        viewer = self.request.user
        if self._query:
            return selectors.play_sessions_visible_to(viewer, **self._query)
        player = selectors.only_player_seen_by(viewer)
        return _all_plays.of() if player is None else _plays_of.of(player)

    @extend_schema(
        summary="List your plays, newest first (staff: everybody's)",
        parameters=[PlaySessionQuerySerializer],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @raises(
        services.BirthdateMissing,
        services.TooYoung,
        services.UnknownGame,
        IdempotencyKeyReused,
    )
    @extend_schema(
        summary="Record a play",
        description="For people of 18 and older, by the birthdate in their profile.",
        parameters=[IDEMPOTENCY_KEY],
        request=PlaySessionCreateSerializer,
        responses={201: PlaySessionSerializer},
    )
    def create(self, request: SignedInRequest) -> Response:
        now = timezone.now()
        idempotency = parse_idempotency_key(request)
        play_session = (
            services.find_by_idempotency_key(user=request.user, idempotency=idempotency)
            if idempotency
            else None
        )
        if play_session is None:
            play_session = services.record_play(
                user=request.user,
                game_id=parse_game_id(request.data),
                now=now,
                idempotency=idempotency,
            )
        return Response(represent(play_session, now=now), status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="End a play",
        description="Ending it again, or after silence ended it, changes nothing.",
        request=PlaySessionUpdateSerializer,
        responses={200: PlaySessionSerializer},
    )
    def partial_update(self, request: SignedInRequest, pk: int) -> Response:
        PlaySessionUpdateSerializer(data=request.data).is_valid(raise_exception=True)
        now = timezone.now()
        play_session = services.end_play(user=request.user, play_session_id=pk, now=now)
        return Response(represent(play_session, now=now))

    @raises(services.PlayEnded)
    @extend_schema(
        summary="Say that a play is under way",
        description="Once a minute is often enough: silence of five minutes ends a play at its last"
        " heartbeat. No body is needed.",
        request=None,
        responses={204: None},
    )
    @action(detail=True, methods=["post"])
    def heartbeat(self, request: SignedInRequest, pk: int) -> Response:
        services.record_heartbeat(user=request.user, play_session_id=pk, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @cached_property
    def _query(self) -> dict[str, Any]:
        return read_query(PlaySessionQuerySerializer, self.request.query_params)
