"""The endpoints of sessions and tokens in the API description."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from users.sessions.serializers import (
    CredentialsSerializer,
    LogInCodeRequestSerializer,
    RefreshSerializer,
    SessionSerializer,
    SessionTokenSerializer,
    TokenCredentialsSerializer,
    TokenPairSerializer,
    TokenSerializer,
)

TAG = "Sessions"
_SECOND_FACTOR = (
    "If the account has a second factor, the right password alone gets `401` with the code "
    "`second_factor_required`; send the code of the authenticator app, or a recovery code, as "
    "`otp`. Where the installation requires it, an account whose email address is not verified "
    "gets `403` with the code `email_not_verified`."
)
_SESSIONS = OpenApiExample(
    "Two devices",
    value=[
        {
            "id": "6f1c3d0e-6f0d-4a53-9a3e-0a8b0d5f7c11",
            "created_at": "2026-03-01T08:00:00.000000Z",
            "last_used_at": "2026-03-02T17:20:00.000000Z",
            "expires_at": "2026-03-31T08:00:00.000000Z",
            "ip_address": "192.0.2.7",
            "user_agent": "Foyer/2.1 (Android 16)",
            "current": True,
        },
        {
            "id": "0d0b6f60-14c4-4a58-a1f5-2f30cf7b0b7c",
            "created_at": "2026-02-20T19:45:00.000000Z",
            "last_used_at": "2026-02-27T06:10:00.000000Z",
            "expires_at": "2026-03-22T19:45:00.000000Z",
            "ip_address": "2001:db8::1",
            "user_agent": "curl/8.14.1",
            "current": False,
        },
    ],
    response_only=True,
)

sessions = extend_schema_view(
    get=extend_schema(
        tags=[TAG],
        operation_id="sessions_list",
        summary="List your sessions, newest first",
        description="Every log-in that still works. `last_used_at` is exact to the minute.",
        responses=SessionSerializer(many=True),
        examples=[_SESSIONS],
    ),
    delete=extend_schema(
        tags=[TAG],
        operation_id="sessions_delete_all",
        summary="Log out everywhere",
        description="Ends all your sessions, including the current one.",
        request=None,
        responses={204: None},
    ),
)
session = extend_schema_view(
    delete=extend_schema(
        tags=[TAG],
        operation_id="sessions_delete",
        summary="Log out one device",
        description="Ends one of your sessions; its tokens are `401` from then on.",
        request=None,
        responses={204: None},
    )
)
day_session = extend_schema_view(
    post=extend_schema(
        tags=[TAG],
        operation_id="sessions_create",
        summary="Log in for 24 hours",
        description=_SECOND_FACTOR,
        request=CredentialsSerializer,
        responses=SessionTokenSerializer,
        auth=[],
    ),
    delete=extend_schema(
        tags=[TAG],
        operation_id="sessions_delete_current",
        summary="Log out",
        request=None,
        responses={204: None},
    ),
)
token_pair = extend_schema_view(
    post=extend_schema(
        tags=[TAG],
        operation_id="tokens_create",
        summary="Log in with an access token (15 minutes) and a refresh token (30 days)",
        description="With a password, or with `email` and the `code` of `POST /auth/code`, which "
        "verifies the address. A wrong, expired, used and foreign code and an unknown address all "
        f"get the same `401`. {_SECOND_FACTOR}",
        request=TokenCredentialsSerializer,
        responses=TokenPairSerializer,
    )
)
log_in_code = extend_schema_view(
    post=extend_schema(
        tags=[TAG],
        operation_id="log_in_code_request",
        summary="Request a code by mail to log in without a password",
        description="The response is the same for every address, whether an account has it or not. "
        "The code has 8 digits and works once, for 10 minutes, at `POST /auth/token`; a newer one "
        "replaces it.",
        request=LogInCodeRequestSerializer,
        responses={202: None},
    )
)
token_refresh = extend_schema_view(
    post=extend_schema(
        tags=[TAG],
        operation_id="tokens_refresh",
        summary="Exchange a refresh token for new tokens",
        description="If the response was lost, send the same token again, however late: you get the"
        " same new refresh token until that one has been used. A refresh token used after that was "
        "stolen, or its successor was; it ends the session.",
        request=RefreshSerializer,
        responses=TokenPairSerializer,
    )
)
token_verify = extend_schema_view(
    post=extend_schema(
        tags=[TAG],
        operation_id="tokens_verify",
        summary="Check whether an access token works now",
        request=TokenSerializer,
        responses={200: {}},
    )
)
