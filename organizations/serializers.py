"""What goes in and out of the calls on organizations."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from api.fields import TextField
from api.request_serializer import NullIsAbsentMixin
from organizations.models import Organization
from users.profiles.serializers import EXAMPLE_MEMBER, EXAMPLE_ORGANIZATION, MemberSerializer


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An organization",
            EXAMPLE_ORGANIZATION | {"member_count": 1, "members": [EXAMPLE_MEMBER]},
        )
    ]
)
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


class OrganizationUpdateSerializer(serializers.Serializer[Any]):
    name = TextField(max_length=200, required=False)
    description = TextField(max_length=2000, allow_blank=True, required=False)


class OrganizationCreateSerializer(NullIsAbsentMixin, OrganizationUpdateSerializer):
    name = TextField(max_length=200)
