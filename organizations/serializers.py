"""Requests and responses of the organization endpoints."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from api.fields import ChoiceField, NameField, TextField
from api.request_serializer import NullIsAbsentMixin
from organizations.models import Invitation, JoinPolicy, Organization, Role
from organizations.selectors import MemberRow
from users.codes.fields import MailedCodeField
from users.profiles.fields import EmailAddressField, avatar_url
from users.profiles.serializers import EXAMPLE_MEMBER, EXAMPLE_ORGANIZATION, MemberSerializer

_EXAMPLE_MEMBER = EXAMPLE_MEMBER | {"role": "owner"}


@extend_schema_serializer(examples=[OpenApiExample("An owner", _EXAMPLE_MEMBER)])
class OrganizationMemberSerializer(MemberSerializer):
    """A member of an organization, with the role in it."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True)

    class Meta(MemberSerializer.Meta):
        fields = (*MemberSerializer.Meta.fields, "role")
        read_only_fields = fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return represent_member(instance, self.context["request"])


def represent_member(row: MemberRow, request: Request) -> dict[str, Any]:
    return {
        "id": row["user_id"],
        "username": row["user__username"],
        "first_name": row["user__first_name"],
        "last_name": row["user__last_name"],
        "avatar": avatar_url(row["user__avatar"], request),
        "role": row["role"],
    }


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An organization",
            EXAMPLE_ORGANIZATION | {"member_count": 1, "members": [_EXAMPLE_MEMBER]},
        )
    ]
)
class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    members = OrganizationMemberSerializer(
        many=True,
        read_only=True,
        help_text="The first 100 members; `/organizations/{id}/members` has all of them.",
    )

    class Meta:
        model = Organization
        fields = ("id", "name", "description", "join", "member_count", "members")
        read_only_fields = fields

    def to_representation(self, instance: Organization) -> dict[str, Any]:
        request, first_members = self.context["request"], self.context["first_members"]
        return {
            "id": instance.pk,
            "name": instance.name,
            "description": instance.description,
            "join": instance.join,
            "member_count": instance.member_count,
            "members": [represent_member(row, request) for row in first_members[instance.pk]],
        }


class OrganizationUpdateSerializer(serializers.Serializer[Any]):
    name = NameField(max_length=200, required=False)
    description = TextField(max_length=2000, allow_blank=True, required=False)
    join = ChoiceField(
        choices=JoinPolicy.choices,
        required=False,
        help_text="Who may join: everybody (`open`), or only who was invited (`invitation`).",
    )


class OrganizationCreateSerializer(NullIsAbsentMixin, OrganizationUpdateSerializer):
    name = NameField(max_length=200)


@extend_schema_serializer(examples=[OpenApiExample("Promote", {"role": "admin"})])
class MemberUpdateSerializer(serializers.Serializer[Any]):
    role = ChoiceField(choices=Role.choices)


@extend_schema_serializer(examples=[OpenApiExample("Invite", {"email": "ada@example.org"})])
class InvitationCreateSerializer(serializers.Serializer[Any]):
    email = EmailAddressField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An invitation",
            {
                "id": 5,
                "email": "ada@example.org",
                "created_at": "2026-03-01T12:00:00.000000Z",
                "expires_at": "2026-03-08T12:00:00.000000Z",
            },
        )
    ]
)
class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    class Meta:
        model = Invitation
        fields = ("id", "email", "created_at", "expires_at")
        read_only_fields = fields


@extend_schema_serializer(examples=[OpenApiExample("The code of the mail", {"code": "04189263"})])
class JoinSerializer(serializers.Serializer[Any]):
    code = MailedCodeField()
