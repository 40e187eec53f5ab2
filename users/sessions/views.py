"""`/auth/sessions`: where one is logged in, and ending that."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.schema import raises
from api.views import ApiView, OpenView
from users.profiles.selectors import live_sessions_of
from users.sessions.authentication import SignedInRequest
from users.sessions.credentials import InvalidCredentials, authenticate_by_password
from users.sessions.devices import device_of
from users.sessions.serializers import (
    CredentialsSerializer,
    RefreshSerializer,
    SessionSerializer,
    SessionTokenSerializer,
    TokenPairSerializer,
    TokenSerializer,
)
from users.sessions.services import (
    SessionExpired,
    create_24_hour_session,
    get_session_by_access_token,
    open_session,
    revoke_session,
    revoke_sessions,
    rotate_refresh_token,
)
from users.throttling.limits import LimitReached

_EXAMPLE = OpenApiExample(
    "Two devices",
    value=[
        {
            "id": "6f1c3d0e-6f0d-4a53-9a3e-0a8b0d5f7c11",
            "created_at": "2026-03-01T08:00:00Z",
            "last_used_at": "2026-03-02T17:20:00Z",
            "expires_at": "2026-03-31T08:00:00Z",
            "ip_address": "192.0.2.7",
            "user_agent": "Foyer/2.1 (Android 16)",
            "current": True,
        },
        {
            "id": "0d0b6f60-14c4-4a58-a1f5-2f30cf7b0b7c",
            "created_at": "2026-02-20T19:45:00Z",
            "last_used_at": "2026-02-27T06:10:00Z",
            "expires_at": "2026-03-22T19:45:00Z",
            "ip_address": "2001:db8::1",
            "user_agent": "curl/8.14.1",
            "current": False,
        },
    ],
    response_only=True,
)


@extend_schema(tags=["Sessions"])
class SessionsView(ApiView):
    request: SignedInRequest

    @extend_schema(
        operation_id="sessions_list",
        summary="List your sessions, newest first",
        description="Every log-in that still works. `last_used_at` is exact to the minute.",
        responses=SessionSerializer(many=True),
        examples=[_EXAMPLE],
    )
    def get(self, request: SignedInRequest) -> Response:
        sessions = live_sessions_of(request.user, now=timezone.now())
        return Response(SessionSerializer(sessions, many=True, context={"request": request}).data)

    @extend_schema(
        operation_id="sessions_delete_all",
        summary="Log out everywhere",
        description="Ends all your sessions, including the current one.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: SignedInRequest) -> Response:
        revoke_sessions(user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["Sessions"])
class SessionView(ApiView):
    request: SignedInRequest

    @extend_schema(
        operation_id="sessions_delete",
        summary="Log out one device",
        description="Ends one of your sessions; its tokens are `401` from then on.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: SignedInRequest, pk: UUID) -> Response:
        sessions = live_sessions_of(request.user, now=timezone.now())
        revoke_session(get_object_or_404(sessions, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["Sessions"])
class DaySessionView(ApiView):
    """`POST /auth` is open to everyone, `DELETE /auth` ends the session of the token."""

    request: SignedInRequest

    open_methods = frozenset({"POST"})

    @raises(InvalidCredentials, LimitReached)
    @extend_schema(
        operation_id="sessions_create",
        summary="Log in for 24 hours",
        request=CredentialsSerializer,
        responses=SessionTokenSerializer,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        incoming = CredentialsSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        device, now = device_of(request), timezone.now()
        user = authenticate_by_password(
            address=device.ip_address, now=now, **incoming.validated_data
        )
        token = create_24_hour_session(user=user, device=device, now=timezone.now())
        return Response(SessionTokenSerializer(token).data)

    @extend_schema(
        operation_id="sessions_delete_current",
        summary="Log out",
        request=None,
        responses={204: None},
    )
    def delete(self, request: SignedInRequest) -> Response:
        revoke_session(request.auth)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["Sessions"])
class TokenPairView(OpenView):
    @raises(InvalidCredentials, LimitReached)
    @extend_schema(
        operation_id="tokens_create",
        summary="Log in with an access token (15 minutes) and a refresh token (30 days)",
        request=CredentialsSerializer,
        responses=TokenPairSerializer,
    )
    def post(self, request: Request) -> Response:
        incoming = CredentialsSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        device, now = device_of(request), timezone.now()
        user = authenticate_by_password(
            address=device.ip_address, now=now, **incoming.validated_data
        )
        tokens = open_session(user=user, device=device, now=timezone.now())
        return Response(TokenPairSerializer(tokens).data)


@extend_schema(tags=["Sessions"])
class TokenRefreshView(OpenView):
    @raises(SessionExpired)
    @extend_schema(
        operation_id="tokens_refresh",
        summary="Exchange a refresh token for new tokens",
        request=RefreshSerializer,
        responses=TokenPairSerializer,
    )
    def post(self, request: Request) -> Response:
        incoming = RefreshSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        tokens = rotate_refresh_token(now=timezone.now(), **incoming.validated_data)
        return Response(TokenPairSerializer(tokens).data)


@extend_schema(tags=["Sessions"])
class TokenVerifyView(OpenView):
    @raises(SessionExpired)
    @extend_schema(
        operation_id="tokens_verify",
        summary="Check whether an access token works now",
        request=TokenSerializer,
        responses={200: {}},
    )
    def post(self, request: Request) -> Response:
        incoming = TokenSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        get_session_by_access_token(incoming.validated_data["token"], now=timezone.now())
        return Response({})
