"""What goes in and out of the calls on accounts; each serializer works in one direction."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.fields import StrictDateField, TextField
from core.exceptions import ValidationFailed
from users.models import Gender, User
from users.profiles.ages import validate_birthdate
from users.profiles.fields import (
    AvatarUrlField,
    EmailAddressField,
    OrganizationIdsField,
    PhoneField,
    ProfileDataField,
    UsernameField,
    avatar_url,
)
from users.profiles.selectors import organizations_of


class BriefOrganizationSerializer(serializers.Serializer[Any]):
    """An organization as its members' accounts show it."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "name": instance.name,
            "description": instance.description,
        }


class MemberSerializer(serializers.ModelSerializer[User]):
    """What authenticated users see of each other, without the organizations."""

    # The fields are for the documentation; see `games.serializers.GameSerializer`.

    avatar = AvatarUrlField()

    class Meta:
        model = User
        fields: tuple[str, ...] = ("id", "username", "first_name", "last_name", "avatar")
        read_only_fields: tuple[str, ...] = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "username": instance.username,
            "first_name": instance.first_name,
            "last_name": instance.last_name,
            "avatar": avatar_url(instance.avatar, self.context["request"]),
        }


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
            "email_verified",
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
            "email_verified": instance.email_verified,
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
                validate_birthdate(value, today=timezone.now().date())
            except ValidationFailed as error:
                raise ValidationError(error.message, code=error.code) from error
        return value


class ProfileFieldsSerializer(PersonFieldsSerializer):
    organizations = OrganizationIdsField(required=False)
    data = ProfileDataField(required=False)  # type: ignore[assignment]  # a field, not Serializer.data


class ProfileUpdateSerializer(ProfileFieldsSerializer):
    email = EmailAddressField(required=False, allow_null=True)
    username = UsernameField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "password" in self.initial_data:
            message = "Change the password with PUT /users/me/password."
            raise ValidationError({"password": message}, code="wrong_call")
        return attrs


class UserFilterSerializer(serializers.Serializer[Any]):
    search = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    organization = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    gender = serializers.ChoiceField(choices=Gender.choices, required=False)
