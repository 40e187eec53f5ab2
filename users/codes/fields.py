"""The serializer field of a code that came by mail."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from users.codes.digits import normalize_digits
from users.codes.services import CODE_DIGITS


@extend_schema_field(
    {
        "type": "string",
        "description": f"{CODE_DIGITS} digits. Spaces and hyphens are ignored; a number counts as "
        "the code without its leading zeros.",
        "example": "04189263",
    }
)
class MailedCodeField(serializers.Field[str, Any, str, Any]):
    """What is no code is rejected here, so that it costs no attempt."""

    default_error_messages = {"invalid": f"The code is {CODE_DIGITS} digits."}

    def to_internal_value(self, data: Any) -> str:
        code = normalize_digits(data, length=CODE_DIGITS)
        if code is None:
            self.fail("invalid")
        return code

    def to_representation(self, value: str) -> str:
        return value
