"""Flat accounts (brief D): `/` and `/user`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.views import ApiView, OpenView
from core.exceptions import NotAuthenticated, NotFound
from users.flat.serializers import FlatSignUpSerializer, FlatUpdateSerializer, flat_user
from users.models import Session, User
from users.profiles.services import NotYourAccount, delete_user, update_profile
from users.sessions.authentication import BearerAuthentication, SignedInRequest
from users.signup.services import register
from users.signup.throttle import signup_rate_limit

_FLAT_USER: Any = {
    "type": "object",
    "required": ["username"],
    "properties": {"username": {"type": ["string", "null"]}},
    "additionalProperties": True,
    "description": "The username, every profile field that is set, and every member of the data.",
    "example": {
        "username": "ada",
        "email": "ada@example.org",
        "first_name": "Ada",
        "address": "12 Analytical Row",
    },
}
_SIGN_UP = OpenApiExample(
    "With additional data",
    {
        "username": "ada",
        "password": "correct horse battery staple",
        "email": "ada@example.org",
        "address": "12 Analytical Row",
        "languages": ["en", "fr"],
    },
    request_only=True,
)
_UPDATE = OpenApiExample(
    "Another address; the name of the town and the email address go",
    {"address": "1 Difference Lane", "email": None},
    request_only=True,
)


class BearerIfAny(BearerAuthentication):
    """A token that is not valid counts as none."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        try:
            return super().authenticate(request)
        except NotAuthenticated:
            return None


@extend_schema(tags=["Flat accounts"])
class HomeView(ApiView):
    authentication_classes = (BearerIfAny,)
    permission_classes = ()

    @extend_schema(
        operation_id="home",
        summary="Hello World; with a valid token, the account it belongs to",
        auth=[{}, {"Bearer": []}],  # type: ignore[list-item]  # OpenAPI's own form
        responses={
            200: {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["message", "documentation"],
                        "properties": {
                            "message": {"type": "string", "const": "Hello World"},
                            "documentation": {"type": "string", "format": "uri"},
                        },
                    },
                    _FLAT_USER,
                ]
            }
        },
    )
    def get(self, request: Request) -> Response:
        if isinstance(request.user, User):
            return Response(flat_user(request.user))
        return Response(
            {"message": "Hello World", "documentation": reverse("docs", request=request)}
        )


@extend_schema(tags=["Flat accounts"])
class FlatSignUpView(OpenView):
    @extend_schema(
        operation_id="flat_sign_up",
        summary="Sign up with username, password and any JSON members",
        request=FlatSignUpSerializer,
        responses={201: _FLAT_USER},
        examples=[_SIGN_UP],
    )
    def post(self, request: Request) -> Response:
        now = timezone.now()
        with signup_rate_limit(request, now=now):
            incoming = FlatSignUpSerializer(data=request.data)
            incoming.is_valid(raise_exception=True)
            user = register(today=now.date(), **incoming.validated_data)
        location = reverse("flat-user", args=[user.username], request=request)
        return Response(
            flat_user(user), status=status.HTTP_201_CREATED, headers={"Location": location}
        )


@extend_schema(tags=["Flat accounts"])
class FlatUserView(ApiView):
    request: SignedInRequest

    @extend_schema(
        operation_id="flat_user",
        summary="An account, flat (its owner, staff)",
        responses={200: _FLAT_USER},
    )
    def get(self, request: SignedInRequest, username: str) -> Response:
        return Response(flat_user(self._account(username)))

    @extend_schema(
        operation_id="flat_user_update",
        summary="Replace the additional data, change the profile fields named (its owner, staff)",
        request=FlatUpdateSerializer,
        responses={200: _FLAT_USER},
        examples=[_UPDATE],
    )
    def put(self, request: SignedInRequest, username: str) -> Response:
        user = self._account(username)
        incoming = FlatUpdateSerializer(user, data=request.data)
        incoming.is_valid(raise_exception=True)
        user = update_profile(user=user, now=timezone.now(), **incoming.validated_data)
        return Response(flat_user(user))

    @extend_schema(
        operation_id="flat_user_delete",
        summary="Delete an account entirely (its owner, staff)",
        responses={204: None},
    )
    def delete(self, request: SignedInRequest, username: str) -> Response:
        delete_user(user=self._account(username))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _account(self, username: str) -> User:
        """Strangers are refused before anybody looks whether the account exists."""
        me = self.request.user
        if username.lower() == (me.username or "").lower():
            return me
        if not me.is_staff:
            raise NotYourAccount
        # A NUL is refused by PostgreSQL rather than not found.
        user = User.objects.with_username(username).first() if "\0" not in username else None
        if user is None:
            raise NotFound("There is no account with this username.")
        return user
