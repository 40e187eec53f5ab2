"""Signing up with an account in return: two endpoints that differ in nothing but what they
require."""

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.bodies.parsers import StrictJSONParser, StrictMultiPartParser
from api.description.schema import raises
from api.request_serializer import RequestSerializer
from api.views import OpenView
from users.profiles.serializers import FullUserSerializer
from users.sessions.devices import device_of
from users.signup import schema
from users.signup.responses import SIGN_UP_ERRORS, Outcome, respond_once
from users.signup.serializers import SignUpByEmailSerializer
from users.signup.services import sign_up_and_log_in

SIGN_UP_PARSERS = (StrictJSONParser, StrictMultiPartParser)
MULTI_VALUE_FIELDS = ("organizations",)


def sign_up_response(
    request: Request, endpoint: str, serializer_class: type[RequestSerializer]
) -> Response:
    """The full user with its first tokens."""

    def sign_up() -> Outcome:
        fields, malformed = serializer_class(data=request.data).read()
        user, tokens = sign_up_and_log_in(
            device=device_of(request), now=timezone.now(), malformed=malformed, **fields
        )
        full_user = FullUserSerializer(context={"request": request}).to_representation(user)
        return Outcome(
            user,
            status.HTTP_201_CREATED,
            {**full_user, "access": tokens.access, "refresh": tokens.refresh},
            location=reverse("user", args=[user.pk], request=request),
        )

    return respond_once(request, endpoint, sign_up)


@schema.email_sign_up
class EmailSignUpView(OpenView):
    parser_classes = SIGN_UP_PARSERS
    multi_value_fields = MULTI_VALUE_FIELDS

    @raises(*SIGN_UP_ERRORS)
    def post(self, request: Request) -> Response:
        return sign_up_response(request, "auth/signup", SignUpByEmailSerializer)
