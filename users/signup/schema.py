"""The sign-up endpoints in the API description."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from api.idempotency import idempotency_key_parameter
from users.signup.serializers import (
    SignedUpUserSerializer,
    SignUpByEmailSerializer,
    SignUpSerializer,
)

IDEMPOTENCY_KEY = idempotency_key_parameter(
    "For a sign-up whose response may be lost: the same request with the same key gets the first "
    "response again, with its tokens, for 24 hours. Use a random key, such as a UUID, once."
)
_EXAMPLE = OpenApiExample(
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


sign_up = extend_schema(
    summary="Sign up with email, username, password and birthdate",
    parameters=[IDEMPOTENCY_KEY],
    request={"application/json": SignUpSerializer, "multipart/form-data": SignUpSerializer},
    responses={201: SignedUpUserSerializer},
    examples=[_EXAMPLE],
)
email_sign_up = extend_schema_view(
    post=extend_schema(
        tags=["Accounts"],
        operation_id="users_create_by_email",
        summary="Sign up with email and password",
        parameters=[IDEMPOTENCY_KEY],
        request={
            "application/json": SignUpByEmailSerializer,
            "multipart/form-data": SignUpByEmailSerializer,
        },
        responses={201: SignedUpUserSerializer},
        examples=[_EXAMPLE],
    )
)
