"""The endpoints of passwords in the API description."""

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view

from users.passwords.serializers import (
    PasswordChangeSerializer,
    ResetRequestSerializer,
    ResetSerializer,
)

reset_request = extend_schema_view(
    post=extend_schema(
        tags=["Sessions"],
        operation_id="password_reset_request",
        summary="Request a code by mail to set a new password",
        description="The response is the same for every address, whether an account has it or not. "
        "The code has 8 digits, works once and for 10 minutes; a newer one replaces it.",
        request=ResetRequestSerializer,
        responses={202: None},
        examples=[
            OpenApiExample("Forgotten", value={"email": "ada@example.org"}, request_only=True)
        ],
    )
)
reset_confirm = extend_schema_view(
    post=extend_schema(
        tags=["Sessions"],
        operation_id="password_reset_confirm",
        summary="Set a new password with the code from the mail",
        description="Ends all sessions of the account and verifies its email address; log in "
        "afterwards. A wrong, expired, used and foreign code all get the same `400`. Five wrong "
        "codes block the account's codes for 10 minutes, however many are asked for. What is not 8 "
        "digits costs no attempt. A second factor stays.",
        request=ResetSerializer,
        responses={204: None},
        examples=[
            OpenApiExample(
                "The code of the mail",
                value={
                    "email": "ada@example.org",
                    "code": "04189263",
                    "password": "ten green bottles",
                },
                request_only=True,
            )
        ],
    )
)
password = extend_schema_view(
    put=extend_schema(
        tags=["Accounts"],
        operation_id="password_change",
        summary="Change your password; every other session ends",
        request=PasswordChangeSerializer,
        responses={204: None},
        examples=[
            OpenApiExample(
                "Change",
                {
                    "old_password": "correct horse battery staple",
                    "new_password": "a garden of forking paths",
                },
                request_only=True,
            )
        ],
    )
)
