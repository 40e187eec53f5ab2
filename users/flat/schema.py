"""The endpoints of flat accounts in the API description."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    Direction,
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)

from api.preconditions import IF_MATCH
from users.flat.serializers import FlatFieldsSerializer, FlatSignUpSerializer, FlatUpdateSerializer
from users.signup.schema import IDEMPOTENCY_KEY

TAG = "Accounts by username"
_USERNAME = OpenApiParameter(
    "username", str, OpenApiParameter.PATH, description="The username, in any case."
)
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
_GREETING = {
    "type": "object",
    "required": ["message", "documentation"],
    "properties": {
        "message": {"type": "string", "const": "Hello World"},
        "documentation": {"type": "string", "format": "uri"},
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


class OpenObject(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # no types there
    """Says that a flat body takes properties that no field names. A client generated without that
    would drop them, and so delete them when it puts back what it read."""

    target_class = FlatFieldsSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(  # type: ignore[no-untyped-call]  # as above
            self.target, direction, bypass_extensions=True
        )
        return schema | {"additionalProperties": True}


home = extend_schema_view(
    get=extend_schema(
        tags=[TAG],
        operation_id="home_retrieve",
        summary="Hello World, or the account of a valid token",
        auth=[{}, {"Bearer": []}],  # type: ignore[list-item]  # OpenAPI's own form
        responses={200: {"oneOf": [_GREETING, _FLAT_USER]}},
    )
)
sign_up = extend_schema_view(
    post=extend_schema(
        tags=[TAG],
        operation_id="flat_users_create",
        summary="Sign up with username, password and any JSON fields",
        parameters=[IDEMPOTENCY_KEY],
        request=FlatSignUpSerializer,
        responses={201: _FLAT_USER},
        examples=[_SIGN_UP],
    )
)
account = extend_schema_view(
    get=extend_schema(
        tags=[TAG],
        operation_id="flat_users_retrieve",
        parameters=[_USERNAME],
        summary="Get an account on one JSON level (owner, staff)",
        responses={200: _FLAT_USER},
    ),
    put=extend_schema(
        tags=[TAG],
        operation_id="flat_users_update",
        parameters=[_USERNAME, IF_MATCH],
        summary="Replace the additional data and change the given profile fields (owner, staff)",
        request=FlatUpdateSerializer,
        responses={200: _FLAT_USER},
        examples=[_UPDATE],
    ),
    delete=extend_schema(
        tags=[TAG],
        operation_id="flat_users_delete",
        parameters=[_USERNAME, IF_MATCH],
        summary="Delete an account and everything that belongs to it (owner, staff)",
        responses={204: None},
    ),
)
