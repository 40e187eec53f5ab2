"""`/auth/password/reset`: a new password by a code that comes by mail."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.schema import raises
from api.views import ApiView, OpenView
from core.client_ip import client_ip
from users.passwords.serializers import (
    PasswordChangeSerializer,
    ResetRequestSerializer,
    ResetSerializer,
)
from users.passwords.services import (
    WrongCode,
    WrongOldPassword,
    change_password,
    request_reset,
    reset_password,
)
from users.sessions.authentication import SignedInRequest
from users.throttling.limits import LimitReached


@extend_schema(tags=["Sessions"])
class ResetRequestView(OpenView):
    @raises(LimitReached)
    @extend_schema(
        operation_id="password_reset_request",
        summary="Request a code by mail to set a new password",
        description="The response is the same for every address, whether an account has it or not. "
        "The code has 8 digits, works once and for 10 minutes; a newer one replaces it.",
        request=ResetRequestSerializer,
        responses={202: None},
        examples=[
            OpenApiExample("Forgotten", value={"email": "ada@example.org"}, request_only=True)
        ],
    )
    def post(self, request: Request) -> Response:
        incoming = ResetRequestSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        request_reset(
            email=incoming.validated_data["email"],
            address=client_ip(request._request),
            now=timezone.now(),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


@extend_schema(tags=["Sessions"])
class ResetConfirmView(OpenView):
    @raises(WrongCode, LimitReached)
    @extend_schema(
        operation_id="password_reset_confirm",
        summary="Set a new password with the code from the mail",
        description="Ends all sessions of the account; log in afterwards. A wrong, expired, "
        "used and foreign code all get the same `400`. Five wrong codes block the account's "
        "codes for 10 minutes, however many are asked for.",
        request=ResetSerializer,
        responses={204: None},
        examples=[
            OpenApiExample(
                "The code of the mail",
                value={
                    "email": "ada@example.org",
                    "code": "04189263",
                    "password": "ten green bottles",
                },
                request_only=True,
            )
        ],
    )
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


@extend_schema(tags=["Accounts"])
class PasswordView(ApiView):
    request: SignedInRequest

    @raises(WrongOldPassword, LimitReached)
    @extend_schema(
        operation_id="password_change",
        summary="Change your password; every other session ends",
        request=PasswordChangeSerializer,
        responses={204: None},
        examples=[
            OpenApiExample(
                "Change",
                {
                    "old_password": "correct horse battery staple",
                    "new_password": "a garden of forking paths",
                },
                request_only=True,
            )
        ],
    )
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
