"""`/auth/password/reset` and `/users/me/password`."""

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.schema import raises
from api.views import ApiView, OpenView
from core.client_ip import client_ip
from users.codes.services import WrongCode
from users.passwords import schema
from users.passwords.serializers import (
    PasswordChangeSerializer,
    ResetRequestSerializer,
    ResetSerializer,
)
from users.passwords.services import (
    WrongOldPassword,
    change_password,
    request_reset,
    reset_password,
)
from users.sessions.authentication import SignedInRequest
from users.throttling.limits import LimitReached


@schema.reset_request
class ResetRequestView(OpenView):
    @raises(LimitReached)
    def post(self, request: Request) -> Response:
        incoming = ResetRequestSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        address = client_ip(request._request)
        request_reset(address=address, now=timezone.now(), **incoming.validated_data)
        return Response(status=status.HTTP_202_ACCEPTED)


@schema.reset_confirm
class ResetConfirmView(OpenView):
    @raises(WrongCode, LimitReached)
    def post(self, request: Request) -> Response:
        incoming = ResetSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        reset_password(
            email=incoming.validated_data["email"],
            code=incoming.validated_data["code"],
            new_password=incoming.validated_data["password"],
            address=client_ip(request._request),
            now=timezone.now(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.password
class PasswordView(ApiView):
    request: SignedInRequest

    @raises(WrongOldPassword, LimitReached)
    def put(self, request: SignedInRequest) -> Response:
        incoming = PasswordChangeSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        change_password(
            user=request.user,
            session=request.auth,
            now=timezone.now(),
            **incoming.validated_data,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
