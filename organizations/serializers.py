"""What goes in and out of the calls on organizations."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.fields import TextField
from organizations.models import Organization
from users.fields import AvatarUrlField, avatar_url
from users.models import User


class BriefOrganizationSerializer(serializers.ModelSerializer[Organization]):
    """An organization as its members' accounts show it."""

    class Meta:
        model = Organization
        fields = ("id", "name", "description")
        read_only_fields = fields

    def to_representation(self, instance: Organization) -> dict[str, Any]:
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


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    member_count = serializers.IntegerField(read_only=True)
    members = serializers.SerializerMethodField(
        help_text="The first 100 members; `/organizations/{id}/members` has all of them."
    )

    class Meta:
        model = Organization
        fields = ("id", "name", "description", "member_count", "members")
        read_only_fields = fields

    @extend_schema_field(MemberSerializer(many=True))
    def get_members(self, organization: Organization) -> list[Any]:
        member = MemberSerializer(context=self.context)
        return [
            member.to_representation(user)
            for user in self.context["first_members"][organization.pk]
        ]


class OrganizationCreateSerializer(serializers.Serializer[Any]):
    name = TextField(max_length=200)
    description = TextField(max_length=2000, allow_blank=True, required=False)


class OrganizationUpdateSerializer(OrganizationCreateSerializer):
    name = TextField(max_length=200, required=False)
