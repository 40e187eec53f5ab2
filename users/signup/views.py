"""Signing up with an account in return: two endpoints that differ in nothing but what they
require."""

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.parsers import StrictJSONParser, StrictMultiPartParser
from api.request_serializer import RequestSerializer
from api.schema import raises
from api.views import OpenView
from users.profiles.serializers import FullUserSerializer
from users.sessions.devices import device_of
from users.signup import schema
from users.signup.serializers import SignUpByEmailSerializer
from users.signup.services import sign_up_and_log_in
from users.throttling.limits import LimitReached

SIGN_UP_PARSERS = (StrictJSONParser, StrictMultiPartParser)
MULTI_VALUE_FIELDS = ("organizations",)


def sign_up_response(request: Request, serializer_class: type[RequestSerializer]) -> Response:
    """The full user with its first tokens."""
    fields, malformed = serializer_class(data=request.data).read()
    user, tokens = sign_up_and_log_in(
        device=device_of(request), now=timezone.now(), malformed=malformed, **fields
    )
    full_user = FullUserSerializer(context={"request": request}).to_representation(user)
    return Response(
        {**full_user, "access": tokens.access, "refresh": tokens.refresh},
        status=status.HTTP_201_CREATED,
        headers={"Location": reverse("user", args=[user.pk], request=request)},
    )


@schema.email_sign_up
class EmailSignUpView(OpenView):
    parser_classes = SIGN_UP_PARSERS
    multi_value_fields = MULTI_VALUE_FIELDS

    @raises(LimitReached)
    def post(self, request: Request) -> Response:
        return sign_up_response(request, SignUpByEmailSerializer)
