"""Serializer fields of accounts: types and formats. Rules are in `users.profiles.validation`."""

from typing import Any, TypeVar

from django.core.validators import EmailValidator
from django.db import models
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request

from api.bodies.parsers import parse_json_object
from api.fields import ChoiceField, IdentifierField, StrictDateField, TextField
from api.query_params import IdField
from core.email_addresses import canonical_email
from users.models import User
from users.models.user import validate_username
from users.profiles.phones import MAX_PHONE_INPUT_LENGTH
from users.profiles.profile_data import MAXIMUM_BYTES, MAXIMUM_LEVELS
from users.profiles.profile_fields import PROFILE_FIELDS

MAX_ORGANIZATIONS = 100

_Serializer = TypeVar("_Serializer", bound=type[serializers.Serializer[Any]])


def with_profile_fields(serializer_class: _Serializer, *, all_null: bool = False) -> _Serializer:
    """Give a serializer of requests all PROFILE_FIELDS, each optional.

    They take null where the column does; with `all_null` all of them do.
    """
    fields = {name: _profile_field(name, all_null=all_null) for name in PROFILE_FIELDS}
    serializer_class._declared_fields = fields | serializer_class._declared_fields
    return serializer_class


def _profile_field(name: str, *, all_null: bool) -> serializers.Field[Any, Any, Any, Any]:
    """The field for a column of `User`."""
    column: Any = User._meta.get_field(name)
    options: dict[str, Any] = {"required": False}
    if column.null or all_null:
        options["allow_null"] = True
    if column.choices:
        return ChoiceField(choices=column.choices, **options)
    if isinstance(column, models.DateField):
        return StrictDateField(**options)
    if column.blank and not column.null:
        options["allow_blank"] = True
    return TextField(max_length=_INPUT_LENGTHS.get(name, column.max_length), **options)


# Where more is taken than stored.
_INPUT_LENGTHS = {"phone": MAX_PHONE_INPUT_LENGTH}


class UsernameField(IdentifierField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=150, validators=[validate_username], **kwargs)


class EmailAddressField(IdentifierField):
    """In canonical form (core.email_addresses)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            clean=canonical_email, max_length=254, validators=[EmailValidator()], **kwargs
        )


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
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str) and isinstance(self.root.initial_data, QueryDict):
            try:
                return parse_json_object(data)
            except ParseError as error:
                raise ValidationError(str(error.detail), code="invalid") from error
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class OrganizationIdsField(serializers.ListField):
    child = IdField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=MAX_ORGANIZATIONS,
            help_text="The ids of all organizations one is a member of: joins and leaves.",
            **kwargs,
        )


@extend_schema_field(OpenApiTypes.BINARY)
class AvatarField(serializers.FileField):
    """The uploaded file as it came; `users.avatars.sandbox` makes a picture of it."""


@extend_schema_field(
    {
        "type": ["string", "null"],
        "format": "uri",
        "example": "https://foyer.example.org/avatars/0123456789abcdef0123456789abcdef.jpg",
    }
)
class AvatarUrlField(serializers.ReadOnlyField):
    """The absolute URL of the picture, or null: see `avatar_url`."""


def avatar_url(avatar: str | None, request: HttpRequest | Request) -> str | None:
    """`avatar` is the name of the file."""
    if not avatar:
        return None
    path = reverse("avatar", args=[avatar.rpartition("/")[2]])
    url: str = request.build_absolute_uri(path)
    return url
