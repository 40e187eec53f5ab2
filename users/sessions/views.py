"""`/auth`: logging in and out, tokens, and the list of one's sessions."""

from uuid import UUID

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.schema import raises
from api.views import ApiView, OpenView
from core.client_ip import client_ip
from users.profiles.selectors import live_sessions_of
from users.second_factor.services import SecondFactorRequired, WrongSecondFactor
from users.sessions import schema
from users.sessions.authentication import SignedInRequest
from users.sessions.credentials import EmailNotVerified, InvalidCredentials, WrongLogInCode
from users.sessions.devices import device_of
from users.sessions.serializers import (
    CredentialsSerializer,
    LogInCodeRequestSerializer,
    RefreshSerializer,
    SessionSerializer,
    SessionTokenSerializer,
    TokenCredentialsSerializer,
    TokenPairSerializer,
    TokenSerializer,
)
from users.sessions.services import (
    Credentials,
    NoSuchSession,
    SessionExpired,
    get_session_by_access_token,
    log_in,
    log_in_for_24_hours,
    request_log_in_code,
    revoke_own_session,
    revoke_session,
    revoke_sessions,
    rotate_refresh_token,
)
from users.throttling.limits import LimitReached

_LOG_IN_ERRORS = (
    InvalidCredentials,
    SecondFactorRequired,
    WrongSecondFactor,
    EmailNotVerified,
    LimitReached,
)


@schema.sessions
class SessionsView(ApiView):
    request: SignedInRequest

    def get(self, request: SignedInRequest) -> Response:
        sessions = live_sessions_of(request.user, now=timezone.now())
        return Response(SessionSerializer(sessions, many=True, context={"request": request}).data)

    def delete(self, request: SignedInRequest) -> Response:
        revoke_sessions(user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.session
class SessionView(ApiView):
    request: SignedInRequest

    @raises(NoSuchSession)
    def delete(self, request: SignedInRequest, pk: UUID) -> Response:
        revoke_own_session(user=request.user, session_id=pk, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.day_session
class DaySessionView(ApiView):
    """`POST /auth` is open to everyone, `DELETE /auth` ends the session of the token."""

    request: SignedInRequest

    open_methods = frozenset({"POST"})

    @raises(*_LOG_IN_ERRORS)
    def post(self, request: Request) -> Response:
        incoming = CredentialsSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        credentials = Credentials(**incoming.validated_data)
        token = log_in_for_24_hours(credentials, device=device_of(request), now=timezone.now())
        return Response(SessionTokenSerializer(token).data)

    def delete(self, request: SignedInRequest) -> Response:
        revoke_session(request.auth)
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.token_pair
class TokenPairView(OpenView):
    @raises(*_LOG_IN_ERRORS, WrongLogInCode)
    def post(self, request: Request) -> Response:
        incoming = TokenCredentialsSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        credentials = Credentials(**incoming.validated_data)
        tokens = log_in(credentials, device=device_of(request), now=timezone.now())
        return Response(TokenPairSerializer(tokens).data)


@schema.log_in_code
class LogInCodeView(OpenView):
    @raises(LimitReached)
    def post(self, request: Request) -> Response:
        incoming = LogInCodeRequestSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        address = client_ip(request._request)
        request_log_in_code(address=address, now=timezone.now(), **incoming.validated_data)
        return Response(status=status.HTTP_202_ACCEPTED)


@schema.token_refresh
class TokenRefreshView(OpenView):
    @raises(SessionExpired)
    def post(self, request: Request) -> Response:
        incoming = RefreshSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        tokens = rotate_refresh_token(now=timezone.now(), **incoming.validated_data)
        return Response(TokenPairSerializer(tokens).data)


@schema.token_verify
class TokenVerifyView(OpenView):
    @raises(SessionExpired)
    def post(self, request: Request) -> Response:
        incoming = TokenSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        get_session_by_access_token(incoming.validated_data["token"], now=timezone.now())
        return Response({})
