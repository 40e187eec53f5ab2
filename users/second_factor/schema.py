"""The endpoints of the second factor in the API description."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from users.second_factor.serializers import (
    ConfirmationSerializer,
    EnrolmentSerializer,
    RecoveryCodesSerializer,
    RemovalSerializer,
    SecondFactorStatusSerializer,
)

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  # an example

_STATUS = extend_schema(
    tags=["Sessions"],
    operation_id="second_factor_retrieve",
    summary="Show whether your account asks for a second factor",
    responses=SecondFactorStatusSerializer,
    examples=[
        OpenApiExample(
            "With a second factor",
            {
                "active": True,
                "confirmed_at": "2026-03-01T08:00:00.000000Z",
                "recovery_codes_left": 10,
            },
            response_only=True,
        )
    ],
)
_ENROL = extend_schema(
    tags=["Sessions"],
    operation_id="second_factor_create",
    summary="Set up a second factor",
    description="Time-based codes of an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds). "
    "Nothing asks for them until `POST /auth/totp/confirm`; a repeated call gives a new secret. "
    "`409` while a second factor is active.",
    request=None,
    responses={200: EnrolmentSerializer},
    examples=[
        OpenApiExample(
            "For the authenticator app",
            {
                "secret": _SECRET,
                "otpauth_url": f"otpauth://totp/Foyer:ada?secret={_SECRET}&issuer=Foyer",
                "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 53 53">…</svg>',
            },
            response_only=True,
        )
    ],
)
_CONFIRM = extend_schema(
    tags=["Sessions"],
    operation_id="second_factor_confirm",
    summary="Ask for the second factor from now on",
    description="The code of the app proves that it has the secret, and is used up. The recovery "
    "codes are shown this once; each stands in for a code of the app, once. Sessions that are open "
    "go on. The owner is told by mail.",
    request=ConfirmationSerializer,
    responses={200: RecoveryCodesSerializer},
    examples=[
        OpenApiExample("The code of the app", {"code": "492039"}, request_only=True),
        OpenApiExample(
            "Recovery codes",
            {"recovery_codes": ["x3k7m-9wq2r", "b8d4t-zr5hn"]},
            response_only=True,
        ),
    ],
)
_REMOVE = extend_schema(
    tags=["Sessions"],
    operation_id="second_factor_delete",
    summary="Remove your second factor",
    description="`otp` is a code of the app or a recovery code. Failures count as failed log-ins. "
    "The owner is told by mail.",
    request=RemovalSerializer,
    responses={204: None},
    examples=[
        OpenApiExample(
            "With a recovery code",
            {"password": "correct horse battery staple", "otp": "x3k7m-9wq2r"},
            request_only=True,
        )
    ],
)

second_factor = extend_schema_view(get=_STATUS, post=_ENROL, delete=_REMOVE)
confirmation = extend_schema_view(post=_CONFIRM)
