"""`/auth/password/reset`: a new password by a code that comes by mail."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from config.client_address import client_address
from config.views import OpenView
from users.services.passwords import request_reset, reset_password
from users.session_serializers import ResetRequestSerializer, ResetSerializer


@extend_schema(tags=["Sessions"])
class ResetRequestView(OpenView):
    @extend_schema(
        summary="Ask for a code to set a new password",
        description="The answer is the same for every address, whether an account has it or not. "
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
            address=client_address(request._request),
            now=timezone.now(),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


@extend_schema(tags=["Sessions"])
class ResetConfirmView(OpenView):
    @extend_schema(
        summary="Set a new password by the code of the mail",
        description="Ends all sessions of the account; log in afterwards. A wrong, an old, a used "
        "and somebody else's code get one and the same `400`. Five wrong codes block the account's "
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
            address=client_address(request._request),
            now=timezone.now(),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
