"""What goes in and out of the calls on accounts; each serializer works in one direction."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from api.fields import ChoiceField
from api.query_params import IdField, SearchField
from api.request_serializer import RequestSerializer
from users.models import Gender, User
from users.profiles.fields import (
    AvatarUrlField,
    EmailAddressField,
    OrganizationIdsField,
    ProfileDataField,
    UsernameField,
    avatar_url,
    with_profile_fields,
)
from users.profiles.memberships import organizations_by_user
from users.profiles.profile_fields import PROFILE_FIELDS

EXAMPLE_ORGANIZATION = {
    "id": 3,
    "name": "Lighthouse Society",
    "description": "Keeps the lights on.",
    "join": "open",
}
EXAMPLE_MEMBER = {
    "id": 7,
    "username": "maya",
    "first_name": "Maya",
    "last_name": "Lindqvist",
    "avatar": "https://foyer.example.org/avatars/k3V9dX2mQ7bT5cR1.jpg",
}
EXAMPLE_USER = EXAMPLE_MEMBER | {
    "email": "maya@example.org",
    "email_verified": True,
    "gender": "female",
    "birthdate": "1990-05-17",
    "phone": "+46701740605",
    "organizations": [EXAMPLE_ORGANIZATION],
    "data": {"newsletter": True},
    "is_staff": False,
    "date_joined": "2026-03-01T12:00:00.000000Z",
}


class BriefOrganizationSerializer(serializers.Serializer[Any]):
    """An organization as its members' accounts show it."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)
    join = serializers.ChoiceField(
        choices=[("open", "Open"), ("invitation", "Invitation")],
        read_only=True,
        help_text="Who may join: everybody, or only who was invited.",
    )


@extend_schema_serializer(examples=[OpenApiExample("A member", EXAMPLE_MEMBER)])
class MemberSerializer(serializers.ModelSerializer[User]):
    """What authenticated users see of each other, without the organizations."""

    # The fields are for the documentation: to ask each of them costs more than the query.

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
            "avatar": avatar_url(instance.avatar.name, self.context["request"]),
        }


@extend_schema_serializer(
    examples=[
        OpenApiExample("Seen by others", EXAMPLE_MEMBER | {"organizations": [EXAMPLE_ORGANIZATION]})
    ]
)
class PublicUserSerializer(MemberSerializer):
    """What other authenticated users see."""

    # For a list, the context holds the `organizations` of all its users (organizations_by_user).

    organizations = BriefOrganizationSerializer(many=True, read_only=True)

    class Meta(MemberSerializer.Meta):
        fields: tuple[str, ...] = (*MemberSerializer.Meta.fields, "organizations")
        read_only_fields: tuple[str, ...] = fields

    def to_representation(self, instance: User) -> dict[str, Any]:
        organizations = self.context.get("organizations") or organizations_by_user([instance.pk])
        return {
            **super().to_representation(instance),
            "organizations": organizations[instance.pk],
        }


@extend_schema_serializer(examples=[OpenApiExample("In full", EXAMPLE_USER)])
class FullUserSerializer(PublicUserSerializer):
    """What oneself and staff see."""

    data = serializers.DictField(read_only=True)  # type: ignore[assignment]  # a field, not Serializer.data

    class Meta(PublicUserSerializer.Meta):
        fields: tuple[str, ...] = (
            "id",
            "username",
            "email",
            "email_verified",
            *PROFILE_FIELDS,
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
            **{name: getattr(instance, name) for name in PROFILE_FIELDS},
            "avatar": public["avatar"],
            "organizations": public["organizations"],
            "data": instance.data,
            "is_staff": instance.is_staff,
            "date_joined": instance.date_joined,
        }


def account_serializer(*, account: User, viewer: User) -> type[PublicUserSerializer]:
    """The one place that decides who sees how much of an account."""
    if viewer == account or viewer.has_staff_rights:
        return FullUserSerializer
    return PublicUserSerializer


@with_profile_fields
class PersonFieldsSerializer(RequestSerializer):
    """What every sign-up and every edit takes. Unknown fields are ignored."""


class ProfileFieldsSerializer(PersonFieldsSerializer):
    organizations = OrganizationIdsField(required=False)
    data = ProfileDataField(required=False)  # type: ignore[assignment]  # a field, not Serializer.data


@extend_schema_serializer(
    examples=[OpenApiExample("A change", {"first_name": "Maya", "organizations": [3]})]
)
class ProfileUpdateSerializer(ProfileFieldsSerializer):
    email = EmailAddressField(required=False, allow_null=True)
    username = UsernameField(required=False, allow_null=True)

    def rejected_names(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        if "password" not in data:
            return {}
        message = "Change the password with PUT /users/me/password."
        return {"password": ErrorDetail(message, code="wrong_call")}


class UserQuerySerializer(serializers.Serializer[Any]):
    search = SearchField(
        required=False,
        allow_blank=True,
        max_length=200,
        default="",
        help_text="Part of the name or the email address, whatever the case.",
    )
    organization = IdField(
        required=False, help_text="Only members of the organization with this `id`."
    )
    gender = ChoiceField(
        choices=Gender.choices, required=False, help_text="Only users of this gender."
    )
