"""Signing up: two of the doors differ in nothing but what they require."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.parsers import StrictJSONParser, StrictMultiPartParser
from api.views import OpenView
from users.profiles.serializers import FullUserSerializer
from users.sessions.devices import device_of
from users.sessions.services import open_session
from users.signup.serializers import SignedUpUserSerializer, SignUpByEmailSerializer
from users.signup.services import register
from users.signup.throttle import signup_rate_limit

SIGN_UP_PARSERS = (StrictJSONParser, StrictMultiPartParser)
REPEATED_PARTS = ("organizations",)
SIGN_UP_EXAMPLE = OpenApiExample(
    "Everything",
    {
        "email": "ada@example.org",
        "username": "ada",
        "password": "correct horse battery staple",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "gender": "female",
        "birthdate": "1990-12-10",
        "phone": "+44 20 7946 0018",
        "organizations": [],
        "data": {"newsletter": True},
    },
    request_only=True,
    media_type="application/json",
)


def sign_up(request: Request, serializer_class: type[serializers.Serializer[Any]]) -> Response:
    """Create the account and log it in: the full user with its first tokens."""
    now = timezone.now()
    with signup_rate_limit(request, now=now):
        incoming = serializer_class(data=request.data)
        incoming.is_valid(raise_exception=True)
        user = register(today=now.date(), **incoming.validated_data)
    tokens = open_session(user=user, device=device_of(request), now=now)
    full_user = FullUserSerializer(context={"request": request}).to_representation(user)
    return Response(
        {**full_user, "access": tokens.access, "refresh": tokens.refresh},
        status=status.HTTP_201_CREATED,
        headers={"Location": reverse("user", args=[user.pk], request=request)},
    )


@extend_schema(tags=["Accounts"])
class EmailSignUpView(OpenView):
    parser_classes = SIGN_UP_PARSERS
    multi_value_fields = REPEATED_PARTS

    @extend_schema(
        operation_id="email_sign_up",
        summary="Sign up with email and password",
        request={
            "application/json": SignUpByEmailSerializer,
            "multipart/form-data": SignUpByEmailSerializer,
        },
        responses={201: SignedUpUserSerializer},
        examples=[SIGN_UP_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        return sign_up(request, SignUpByEmailSerializer)
