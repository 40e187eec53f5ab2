"""`/auth`: logging in and out, tokens."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from config.views import ApiView, OpenView
from users.authentication import SignedInRequest
from users.devices import device_of
from users.serializers import (
    CredentialsSerializer,
    RefreshSerializer,
    SessionTokenSerializer,
    TokenPairSerializer,
    TokenSerializer,
)
from users.services.credentials import require_credentials
from users.services.sessions import (
    end_session,
    open_day_session,
    open_session,
    rotate_refresh_token,
    session_of_access_token,
)


@extend_schema(tags=["Sessions"])
class DaySessionView(ApiView):
    """`POST /auth` is open to everyone, `DELETE /auth` ends the session of the token."""

    request: SignedInRequest

    open_methods = frozenset({"POST"})

    @extend_schema(
        summary="Log in for 24 hours",
        request=CredentialsSerializer,
        responses=SessionTokenSerializer,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        incoming = CredentialsSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        device, now = device_of(request), timezone.now()
        user = require_credentials(address=device.ip_address, now=now, **incoming.validated_data)
        token = open_day_session(user=user, device=device, now=timezone.now())
        return Response(SessionTokenSerializer(token).data)

    @extend_schema(summary="Log out", request=None, responses={204: None})
    def delete(self, request: SignedInRequest) -> Response:
        end_session(request.auth)
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(tags=["Sessions"])
class TokenPairView(OpenView):
    @extend_schema(
        summary="Log in: an access token for 15 minutes and a refresh token",
        request=CredentialsSerializer,
        responses=TokenPairSerializer,
    )
    def post(self, request: Request) -> Response:
        incoming = CredentialsSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        device, now = device_of(request), timezone.now()
        user = require_credentials(address=device.ip_address, now=now, **incoming.validated_data)
        tokens = open_session(user=user, device=device, now=timezone.now())
        return Response(TokenPairSerializer(tokens).data)


@extend_schema(tags=["Sessions"])
class TokenRefreshView(OpenView):
    @extend_schema(
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
    @extend_schema(
        summary="Whether an access token works now", request=TokenSerializer, responses={200: {}}
    )
    def post(self, request: Request) -> Response:
        incoming = TokenSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        session_of_access_token(incoming.validated_data["token"], now=timezone.now())
        return Response({})
