"""The endpoints of accounts in the API description."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_view,
)

from api.preconditions import IF_MATCH
from users.profiles.serializers import (
    EXAMPLE_USER,
    FullUserSerializer,
    ProfileUpdateSerializer,
    PublicUserSerializer,
    UserQuerySerializer,
)
from users.signup import schema as signup_schema

me = extend_schema(summary="Get your own account in full", responses=FullUserSerializer)
users = extend_schema_view(
    list=extend_schema(
        summary="List users (staff)",
        parameters=[UserQuerySerializer],
        responses=FullUserSerializer(many=True),
    ),
    create=signup_schema.sign_up,
    retrieve=extend_schema(
        summary="Get a user: in full for the owner and staff, else the public part",
        responses=PolymorphicProxySerializer(
            component_name="VisibleUser",
            serializers=[FullUserSerializer, PublicUserSerializer],
            resource_type_field_name=None,
        ),
        examples=[OpenApiExample("In full", EXAMPLE_USER, response_only=True)],
    ),
    partial_update=extend_schema(
        summary="Change a profile (owner, staff)",
        parameters=[IF_MATCH],
        request=ProfileUpdateSerializer,
        responses=FullUserSerializer,
    ),
    destroy=extend_schema(
        summary="Delete an account and everything that belongs to it (owner, staff)",
        parameters=[IF_MATCH],
    ),
)

_COUNT = {"type": "integer", "minimum": 0}
_STATISTICS: dict[str, Any] = {
    "type": "object",
    "required": ["user_ids", "count_female", "count_male", "count_unspecified"],
    "properties": {
        "user_ids": {"type": "array", "items": {"type": "integer"}},
        "count_female": _COUNT,
        "count_male": _COUNT,
        "count_unspecified": _COUNT,
    },
    "example": {
        "user_ids": [1, 2, 3, 4],
        "count_female": 3,
        "count_male": 1,
        "count_unspecified": 0,
    },
}

statistics = extend_schema_view(
    get=extend_schema(
        tags=["Accounts"],
        operation_id="users_statistics",
        summary="List the ids of all users and count them by gender",
        responses={200: _STATISTICS},
    )
)
