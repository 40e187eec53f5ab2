"""Flat accounts (brief D): profile and additional data side by side, on one level."""

from typing import Any, cast

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from api.fields import PasswordField, TextField
from users.models import Gender, User
from users.profiles.fields import EmailAddressField, as_field_error
from users.profiles.profile_data import validate_profile_data
from users.profiles.serializers import PersonFieldsSerializer
from users.signup.serializers import CredentialFieldsSerializer

PROFILE_FIELDS = ("email", "first_name", "last_name", "gender", "birthdate", "phone")
# Names that mean something elsewhere: as additional data they would only deceive.
RESERVED_NAMES = frozenset(
    {
        "id", "is_staff", "is_superuser", "is_active", "date_joined", "organizations", "avatar",
        "data", "token", "groups", "user_permissions", "last_login", "email_verified",
    }
)  # fmt: skip
# What null means for the fields that have no null.
NULL_VALUES = {"first_name": "", "last_name": "", "gender": Gender.UNSPECIFIED}


def flat_user(user: User) -> dict[str, Any]:
    """The username, every profile field that is set and every member of the data."""
    profile = {name: getattr(user, name) for name in PROFILE_FIELDS}
    is_set = {name: value for name, value in profile.items() if value not in (None, "")}
    if user.gender == Gender.UNSPECIFIED:
        del is_set["gender"]
    return {**user.data, **is_set, "username": user.username}


class FlatFieldsSerializer(PersonFieldsSerializer):
    """A flat body: what is no field becomes a member of `data`."""

    email = EmailAddressField(required=False, allow_null=True)
    first_name = TextField(max_length=150, allow_blank=True, required=False, allow_null=True)
    last_name = TextField(max_length=150, allow_blank=True, required=False, allow_null=True)
    gender = serializers.ChoiceField(choices=Gender.choices, required=False, allow_null=True)

    def to_internal_value(self, data: dict[str, Any]) -> dict[str, Any]:
        errors: dict[str, Any] = {}
        fields: dict[str, Any] = {}
        try:
            fields = super().to_internal_value(data)
        except ValidationError as error:
            errors |= cast("dict[str, Any]", error.detail)
        for name in sorted(RESERVED_NAMES & data.keys()):
            errors[name] = [
                ErrorDetail("This name is reserved and cannot be set here.", "reserved")
            ]
        additional = {
            name: value
            for name, value in data.items()
            if name not in self.fields and name not in RESERVED_NAMES
        }
        try:
            validate_profile_data(additional)
        except DjangoValidationError as error:
            errors["data"] = as_field_error(error).detail
        if errors:
            raise ValidationError(errors)
        for name, cleared in NULL_VALUES.items():
            if name in fields and fields[name] is None:
                fields[name] = cleared
        return {**fields, "data": additional}


class FlatSignUpSerializer(CredentialFieldsSerializer, FlatFieldsSerializer):
    """A new account; members that are no field of a profile become its data."""


class FlatUpdateSerializer(FlatFieldsSerializer):
    """What replaces the data and changes the profile. Name and password are taken when they are the
    present ones, so that what was sent at sign-up can be sent again."""

    username = TextField(required=False)
    password = PasswordField(required=False, max_length=1000)

    def validate_username(self, value: str) -> str:
        if value.lower() != (self._account.username or "").lower():
            raise ValidationError("Change the username with PATCH /users/me.", code="wrong_call")
        return value

    def validate_password(self, value: str) -> str:
        if not self._account.check_password(value):
            message = "Change the password with PUT /users/me/password."
            raise ValidationError(message, code="wrong_call")
        return value

    @property
    def _account(self) -> User:
        return cast("User", self.instance)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in attrs.items() if k not in ("username", "password")}
