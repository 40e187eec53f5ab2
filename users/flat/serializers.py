"""Flat accounts (brief D): profile and additional data side by side, on one level."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import ErrorDetail

from api.fields import IdentifierField, PasswordField
from api.request_serializer import RequestSerializer
from users.models import User
from users.profiles.fields import EmailAddressField, with_profile_fields
from users.profiles.profile_fields import PROFILE_FIELDS
from users.signup.serializers import CredentialFieldsSerializer

# Names that mean something elsewhere: as additional data they would only deceive.
RESERVED_NAMES = frozenset(
    {
        "id", "is_staff", "is_superuser", "is_active", "date_joined", "organizations", "avatar",
        "data", "token", "groups", "user_permissions", "last_login", "email_verified",
    }
)  # fmt: skip
# Fields that show and store "not set" as the column's default.
_NOT_SET = {
    name: User._meta.get_field(name).get_default()  # type: ignore[union-attr]  # no relations here
    for name in ("email", *PROFILE_FIELDS)
}


def flat_user(user: User) -> dict[str, Any]:
    """The username, every profile field that is set and every property of the data."""
    fields = {name: getattr(user, name) for name in _NOT_SET}
    is_set = {name: value for name, value in fields.items() if value not in (_NOT_SET[name], "")}
    return {**user.data, **is_set, "username": user.username}


class FlatFieldsSerializer(RequestSerializer):
    """A flat body: what is no field becomes a property of `data`."""

    email = EmailAddressField(required=False, allow_null=True)

    def rejected_names(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        message = "This name is reserved and cannot be set here."
        return {
            name: ErrorDetail(message, "reserved") for name in sorted(RESERVED_NAMES & data.keys())
        }

    def read(self) -> tuple[dict[str, Any], ValidationError | None]:
        fields, malformed = super().read()
        for name, cleared in _NOT_SET.items():
            if name in fields and fields[name] is None:
                fields[name] = cleared
        additional = {
            name: value
            for name, value in self.initial_data.items()
            if name not in self.fields and name not in RESERVED_NAMES
        }
        return {**fields, "data": additional}, malformed


with_profile_fields(FlatFieldsSerializer, all_null=True)


class FlatSignUpSerializer(CredentialFieldsSerializer, FlatFieldsSerializer):
    """A new account; members that are no field of a profile become its data."""


class FlatUpdateSerializer(FlatFieldsSerializer):
    """What replaces the data and changes the profile. Name and password are taken when they are the
    present ones, so that what was sent at sign-up can be sent again."""

    username = IdentifierField(required=False)
    password = PasswordField(required=False, max_length=1000)
