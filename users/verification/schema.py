"""The endpoints of email verification in the API description."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from users.verification.serializers import (
    EmailChangeRequestSerializer,
    EmailChangeSerializer,
    VerificationSerializer,
)

_ONE_RESPONSE = (
    "A wrong, expired, used and foreign code all get the same `400`; five wrong ones block the "
    "account's codes of this kind for 10 minutes."
)

verification_request = extend_schema_view(
    post=extend_schema(
        tags=["Accounts"],
        operation_id="email_verification_request",
        summary="Request a code by mail to verify your email address",
        description="The code has 8 digits, works once, for 10 minutes; a newer one replaces it.",
        request=None,
        responses={202: None},
    )
)
verification_confirm = extend_schema_view(
    post=extend_schema(
        tags=["Accounts"],
        operation_id="email_verification_confirm",
        summary="Verify your email address with the code from the mail",
        description=f"The code proves the present address of the account only. {_ONE_RESPONSE}",
        request=VerificationSerializer,
        responses={204: None},
        examples=[
            OpenApiExample("The code of the mail", value={"code": "04189263"}, request_only=True)
        ],
    )
)
email_change_request = extend_schema_view(
    post=extend_schema(
        tags=["Accounts"],
        operation_id="email_change_request",
        summary="Request a code by mail to change to another email address",
        description="Changes the address once it is verified; `PATCH /users/me` changes it before."
        " No code is mailed to an address that another account has verified; the response does not "
        "tell.",
        request=EmailChangeRequestSerializer,
        responses={202: None},
        examples=[
            OpenApiExample("Another address", value={"email": "ada@example.com"}, request_only=True)
        ],
    )
)
email_change_confirm = extend_schema_view(
    post=extend_schema(
        tags=["Accounts"],
        operation_id="email_change_confirm",
        summary="Change to another email address with the code from the mail",
        description="An account that uses the address but has not verified it loses it, and"
        f" is told by mail. {_ONE_RESPONSE}",
        request=EmailChangeSerializer,
        responses={204: None},
        examples=[
            OpenApiExample(
                "The code of the mail",
                value={"email": "ada@example.com", "code": "04189263"},
                request_only=True,
            )
        ],
    )
)
