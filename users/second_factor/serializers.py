"""What goes in and out of the endpoints of the second factor."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import PasswordField
from users.second_factor.one_time_passwords import OTP_DIGITS, normalize_otp


@extend_schema_field({"type": "string", "example": "492039"})
class OTPField(serializers.Field[str, Any, str, Any]):
    """A code of an authenticator app: rejected unless it has 6 digits."""

    default_error_messages = {"invalid": f"The code is {OTP_DIGITS} digits."}

    def to_internal_value(self, data: Any) -> str:
        otp = normalize_otp(data)
        if otp is None:
            self.fail("invalid")
        return otp

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field(
    {
        "type": "string",
        "maxLength": 100,
        "description": "The second factor: a code of the authenticator app, or a recovery code.",
        "example": "492039",
    }
)
class SecondFactorField(serializers.CharField):
    """Either kind of code, as typed. What is neither is a wrong one: whether the account asks for
    it shows only after the right password."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        # A number has lost its leading zeros.
        return normalize_otp(data) or super().to_internal_value(data)


class EnrolmentSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="Base32, for apps that cannot read the picture.")
    otpauth_url = serializers.CharField()
    qr_svg = serializers.CharField(help_text="The `otpauth_url` as a QR code: an SVG picture.")


class SecondFactorStatusSerializer(serializers.Serializer[Any]):
    active = serializers.BooleanField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    recovery_codes_left = serializers.IntegerField()


class ConfirmationSerializer(serializers.Serializer[Any]):
    code = OTPField()


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(child=serializers.CharField())


class RemovalSerializer(serializers.Serializer[Any]):
    password = PasswordField(max_length=1000)
    otp = SecondFactorField()
