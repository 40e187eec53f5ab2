"""Serializer fields of accounts."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.files.base import File
from django.core.validators import EmailValidator
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.request import Request

from api.fields import TextField
from api.parsers import parse_json_object
from core.exceptions import ValidationFailed
from users.avatars.sandbox import ProcessedImage, process_upload
from users.models.user import validate_username
from users.profiles.phones import e164
from users.profiles.profile_data import MAXIMUM_BYTES, MAXIMUM_LEVELS, validate_profile_data
from users.profiles.selectors import organizations_by_ids

MOST_ORGANIZATIONS = 100


def as_field_error(error: DjangoValidationError) -> ValidationError:
    """Django's sentences and codes, for one serializer field."""
    return ValidationError(
        [
            ErrorDetail(message, item.code or "invalid")
            for item in error.error_list
            for message in item.messages
        ]
    )


class UsernameField(TextField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=150, trim_whitespace=False, validators=[validate_username], **kwargs
        )


class EmailAddressField(TextField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=254, trim_whitespace=False, validators=[EmailValidator()], **kwargs
        )


class PhoneField(TextField):
    def to_internal_value(self, data: Any) -> str:
        try:
            return e164(super().to_internal_value(data))
        except DjangoValidationError as error:
            raise as_field_error(error) from error


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": True,
        "description": f"Any JSON object: at most {MAXIMUM_BYTES // 1024} KiB and {MAXIMUM_LEVELS} "
        "levels. In a form, its JSON text.",
        "example": {"address": "12 Analytical Row", "newsletter": True},
    }
)
class ProfileDataField(serializers.Field[Any, Any, Any, Any]):
    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, str) and isinstance(self.root.initial_data, QueryDict):
            try:
                data = parse_json_object(data)
            except ParseError as error:
                raise ValidationError(str(error.detail), code="invalid") from error
        try:
            validate_profile_data(data)
        except DjangoValidationError as error:
            raise as_field_error(error) from error
        value: dict[str, Any] = data
        return value

    def to_representation(self, value: Any) -> Any:
        return value


class OrganizationIdsField(serializers.ListField):
    """Ids in, organizations out; all of them in one query."""

    child = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=MOST_ORGANIZATIONS,
            help_text="The ids of all organizations one is a member of: joins and leaves.",
            **kwargs,
        )

    def to_internal_value(self, data: Any) -> list[Any]:
        ids = set(super().to_internal_value(data))
        organizations = organizations_by_ids(ids)
        if unknown := sorted(ids - {organization.pk for organization in organizations}):
            names = ", ".join(map(str, unknown))
            raise ValidationError(f"There is no organization {names}.", code="does_not_exist")
        return organizations


@extend_schema_field(OpenApiTypes.BINARY)
class AvatarField(serializers.FileField):
    """An uploaded file in, a picture fit to be shown out."""

    def to_internal_value(self, data: Any) -> ProcessedImage:  # type: ignore[override]  # no file any more
        upload: File[bytes] = super().to_internal_value(data)
        try:
            return process_upload(upload)
        except ValidationFailed as error:
            raise ValidationError(error.message, code=error.code) from error


@extend_schema_field(
    {
        "type": ["string", "null"],
        "format": "uri",
        "example": "https://foyer.example.org/avatars/0123456789abcdef0123456789abcdef.jpg",
    }
)
class AvatarUrlField(serializers.ReadOnlyField):
    """The absolute URL of the picture, or null: see `avatar_url`."""


def avatar_url(avatar: FieldFile, request: HttpRequest | Request) -> str | None:
    if not avatar.name:
        return None
    path = reverse("avatar", args=[avatar.name.rpartition("/")[2]])
    url: str = request.build_absolute_uri(path)
    return url
