"""What goes in and out of the calls on accounts; each serializer works in one direction."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.errors import Invalid
from config.fields import PasswordField, StrictDateField, TextField
from organizations.selectors import organizations_of
from organizations.serializers import BriefOrganizationSerializer, MemberSerializer
from users.ages import require_adult_birthdate
from users.fields import (
    AvatarField,
    EmailAddressField,
    OrganizationIdsField,
    PhoneField,
    ProfileDataField,
    UsernameField,
    as_field_error,
)
from users.models import Gender, User
from users.services.registration import require_good_password
from users.services.sessions import TokenPair


class PublicUserSerializer(MemberSerializer):
    """What other authenticated users see."""

    organizations = BriefOrganizationSerializer(many=True, read_only=True)

    class Meta(MemberSerializer.Meta):
        fields: tuple[str, ...] = (*MemberSerializer.Meta.fields, "organizations")
        read_only_fields: tuple[str, ...] = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        organization = BriefOrganizationSerializer()
        return {
            **super().to_representation(instance),
            "organizations": [
                organization.to_representation(each) for each in organizations_of(instance)
            ],
        }


class FullUserSerializer(PublicUserSerializer):
    """What oneself and staff see."""

    data = serializers.DictField(read_only=True)  # type: ignore[assignment]  # a field, not Serializer.data

    class Meta(PublicUserSerializer.Meta):
        fields: tuple[str, ...] = (
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "gender",
            "birthdate",
            "phone",
            "avatar",
            "organizations",
            "data",
            "is_staff",
            "date_joined",
        )
        read_only_fields = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        public = super().to_representation(instance)
        return {
            "id": instance.pk,
            "username": instance.username,
            "email": instance.email,
            "first_name": instance.first_name,
            "last_name": instance.last_name,
            "gender": instance.gender,
            "birthdate": instance.birthdate,
            "phone": instance.phone,
            "avatar": public["avatar"],
            "organizations": public["organizations"],
            "data": instance.data,
            "is_staff": instance.is_staff,
            "date_joined": instance.date_joined,
        }


def account_serializer(*, account: User, viewer: User) -> type[PublicUserSerializer]:
    """The one place that decides who sees how much of an account."""
    if viewer.is_staff or viewer == account:
        return FullUserSerializer
    return PublicUserSerializer


class PersonFieldsSerializer(serializers.Serializer[Any]):
    """What every door and every edit takes. What no field knows is ignored."""

    first_name = TextField(max_length=150, allow_blank=True, required=False)
    last_name = TextField(max_length=150, allow_blank=True, required=False)
    gender = serializers.ChoiceField(choices=Gender.choices, required=False)
    birthdate = StrictDateField(required=False, allow_null=True)
    phone = PhoneField(max_length=40, required=False, allow_null=True)

    def validate_birthdate(self, value: Any) -> Any:
        # Here as well as in the service, so that all offending members are named at once.
        if value is not None:
            try:
                require_adult_birthdate(value, today=timezone.now().date())
            except Invalid as error:
                raise ValidationError(error.sentence, code=error.error_code) from error
        return value


class ProfileFieldsSerializer(PersonFieldsSerializer):
    organizations = OrganizationIdsField(required=False)
    data = ProfileDataField(required=False)  # type: ignore[assignment]  # a field, not Serializer.data


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
            require_good_password(value, user)
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


class ProfileUpdateSerializer(ProfileFieldsSerializer):
    email = EmailAddressField(required=False, allow_null=True)
    username = UsernameField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "password" in self.initial_data:
            sentence = "Change the password with PUT /users/me/password."
            raise ValidationError({"password": sentence}, code="wrong_call")
        return attrs


class AvatarUploadSerializer(serializers.Serializer[Any]):
    avatar = AvatarField()


class PasswordChangeSerializer(serializers.Serializer[Any]):
    old_password = PasswordField(max_length=1000)
    new_password = PasswordField()


class CredentialsSerializer(serializers.Serializer[Any]):
    """Who logs in: `username` (which may hold an email address) or `email`."""

    username = TextField(required=False, max_length=254, trim_whitespace=False)
    email = TextField(required=False, max_length=254, trim_whitespace=False)
    password = PasswordField(max_length=1000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("username") and not attrs.get("email"):
            raise ValidationError({"username": "Give a username or an email address."})
        return attrs


class TokenPairSerializer(serializers.Serializer[TokenPair]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class SessionTokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class RefreshSerializer(serializers.Serializer[Any]):
    refresh = TextField(max_length=4096)


class TokenSerializer(serializers.Serializer[Any]):
    token = TextField(max_length=4096)


class SignedUpUserSerializer(FullUserSerializer):
    """The new account with its first tokens."""

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    class Meta(FullUserSerializer.Meta):
        fields = (*FullUserSerializer.Meta.fields, "access", "refresh")
        read_only_fields = fields


class UserFilterSerializer(serializers.Serializer[Any]):
    search = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    organization = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    gender = serializers.ChoiceField(choices=Gender.choices, required=False)
