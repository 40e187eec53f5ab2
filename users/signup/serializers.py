"""Requests and responses of the sign-up endpoints."""

from rest_framework import serializers

from api.fields import PasswordField, StrictDateField
from api.request_serializer import RequestSerializer
from users.profiles.fields import AvatarField, EmailAddressField, UsernameField
from users.profiles.serializers import FullUserSerializer, ProfileFieldsSerializer


class CredentialFieldsSerializer(RequestSerializer):
    """What a new account logs in with."""

    username = UsernameField()
    password = PasswordField()


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
