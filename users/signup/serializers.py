"""Requests and responses of the sign-up endpoints."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from api.fields import PasswordField, StrictDateField
from api.request_serializer import NullIsAbsentMixin, RequestSerializer
from users.profiles.fields import AvatarField, EmailAddressField, UsernameField
from users.profiles.serializers import EXAMPLE_USER, FullUserSerializer, ProfileFieldsSerializer
from users.sessions.serializers import EXAMPLE_JWT


class CredentialFieldsSerializer(NullIsAbsentMixin, RequestSerializer):
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


@extend_schema_serializer(
    examples=[
        OpenApiExample("Signed up", EXAMPLE_USER | {"access": EXAMPLE_JWT, "refresh": EXAMPLE_JWT})
    ]
)
class SignedUpUserSerializer(FullUserSerializer):
    """The new account with its first tokens."""

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    class Meta(FullUserSerializer.Meta):
        fields = (*FullUserSerializer.Meta.fields, "access", "refresh")
        read_only_fields = fields
