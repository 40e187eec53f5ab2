"""Requests and responses of the sign-up endpoints."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.fields import PasswordField, StrictDateField
from users.models import User
from users.passwords.validation import validate_new_password
from users.profiles.fields import AvatarField, EmailAddressField, UsernameField, as_field_error
from users.profiles.serializers import FullUserSerializer, ProfileFieldsSerializer


class CredentialFieldsSerializer(serializers.Serializer[Any]):
    """What a new account logs in with: refused as soon as it is taken or weak."""

    username = UsernameField()
    password = PasswordField()

    def validate_email(self, value: str | None) -> str | None:
        if value is not None and User.objects.with_email(value).exists():
            raise ValidationError(User._meta.get_field("email").error_messages["unique"], "unique")
        return value

    def validate_username(self, value: str | None) -> str | None:
        if value is not None and User.objects.with_username(value).exists():
            raise ValidationError("This username is taken.", "username_taken")
        return value

    def validate_password(self, value: str) -> str:
        names = ("username", "email", "first_name", "last_name")
        user = User(**{name: str(self.initial_data.get(name) or "") for name in names})
        try:
            validate_new_password(value, user)
        except DjangoValidationError as error:
            raise as_field_error(DjangoValidationError(error.error_dict["password"])) from error
        return value


class SignUpSerializer(CredentialFieldsSerializer, ProfileFieldsSerializer):
    """A new account."""

    email = EmailAddressField()
    birthdate = StrictDateField()
    avatar = AvatarField(required=False)


class SignUpByEmailSerializer(SignUpSerializer):
    """A new account, for which email and password are enough."""

    username = UsernameField(required=False, allow_null=True)
    birthdate = StrictDateField(required=False, allow_null=True)


class SignedUpUserSerializer(FullUserSerializer):
    """The new account with its first tokens."""

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    class Meta(FullUserSerializer.Meta):
        fields = (*FullUserSerializer.Meta.fields, "access", "refresh")
        read_only_fields = fields
