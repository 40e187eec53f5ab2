"""What goes in and out of the calls on sessions."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from api.fields import IdentifierField, PasswordField, TextField
from api.request_serializer import NullIsAbsentMixin
from core.email_addresses import clean_login_name
from users.codes.fields import MailedCodeField
from users.models import Session
from users.profiles.fields import EmailAddressField
from users.second_factor.serializers import SecondFactorField
from users.sessions.services import TokenPair

# A token of the right shape that opens nothing.
EXAMPLE_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"

_WHO = {"username": "maya", "password": "correct horse battery staple"}
_BY_PASSWORD = [
    OpenApiExample("By username", _WHO),
    OpenApiExample("With a second factor", _WHO | {"otp": "492039"}),
]


class SessionSerializer(serializers.ModelSerializer[Session]):
    current = serializers.SerializerMethodField(help_text="Whether this call came with its token.")

    class Meta:
        model = Session
        fields = (
            "id",
            "created_at",
            "last_used_at",
            "expires_at",
            "ip_address",
            "user_agent",
            "current",
        )
        read_only_fields = fields

    def get_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["request"].auth.pk)


@extend_schema_serializer(examples=_BY_PASSWORD)
class CredentialsSerializer(NullIsAbsentMixin, serializers.Serializer[Any]):
    """Who logs in: `username` (which may hold an email address) or `email`."""

    username = IdentifierField(required=False, max_length=254, clean=clean_login_name)
    email = IdentifierField(required=False, max_length=254, clean=clean_login_name)
    password = PasswordField(max_length=1000)
    otp = SecondFactorField(required=False, allow_null=True, allow_blank=True)

    def missing(self, data: Mapping[str, Any]) -> dict[str, str]:
        """What no field alone can tell of a body: one of several has to be there."""
        if data.get("username") is None and data.get("email") is None:
            return {"username": "Give a username or an email address."}
        return {}

    def to_internal_value(self, data: Any) -> Any:
        """Tells what is missing together with what is wrong."""
        missing = {
            name: [ErrorDetail(message, "required")] for name, message in self.missing(data).items()
        }
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**missing, **error.detail}) from error  # type: ignore[dict-item]  # of a serializer, a dict
        if missing:
            raise ValidationError(missing)
        return values


@extend_schema_serializer(
    examples=[
        *_BY_PASSWORD,
        OpenApiExample("By a mailed code", {"email": "maya@example.org", "code": "04189263"}),
    ]
)
class TokenCredentialsSerializer(CredentialsSerializer):
    """The same, or `email` and the `code` that was mailed to it."""

    password = PasswordField(max_length=1000, required=False)
    code = MailedCodeField(required=False)

    def missing(self, data: Mapping[str, Any]) -> dict[str, str]:
        if data.get("code") is not None:
            if data.get("email") is None:
                return {"email": "Give the address that the code was mailed to."}
            return {}
        missing = super().missing(data)
        if data.get("password") is None:
            missing |= {"password": "Give a password, or a code that was mailed."}
        return missing


@extend_schema_serializer(examples=[OpenApiExample("Request", {"email": "maya@example.org"})])
class LogInCodeRequestSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()


@extend_schema_serializer(
    examples=[OpenApiExample("New tokens", {"access": EXAMPLE_JWT, "refresh": EXAMPLE_JWT})]
)
class TokenPairSerializer(serializers.Serializer[TokenPair]):
    access = serializers.CharField()
    refresh = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A token for 24 hours",
            {"token": EXAMPLE_JWT, "expires_at": "2026-03-02T12:00:00.000000Z"},
        )
    ]
)
class SessionTokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


@extend_schema_serializer(examples=[OpenApiExample("Refresh", {"refresh": EXAMPLE_JWT})])
class RefreshSerializer(serializers.Serializer[Any]):
    refresh = TextField(max_length=4096)


@extend_schema_serializer(examples=[OpenApiExample("Verify", {"token": EXAMPLE_JWT})])
class TokenSerializer(serializers.Serializer[Any]):
    token = TextField(max_length=4096)
