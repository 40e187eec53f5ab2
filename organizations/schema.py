"""The endpoints of organizations in the API description."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view

from api.preconditions import IF_MATCH
from organizations.serializers import (
    InvitationCreateSerializer,
    InvitationSerializer,
    JoinSerializer,
    MemberUpdateSerializer,
    OrganizationCreateSerializer,
    OrganizationMemberSerializer,
    OrganizationSerializer,
    OrganizationUpdateSerializer,
)

TAG = "Organizations"
_EXAMPLE = OpenApiExample(
    "An organization",
    {
        "name": "Analytical Society",
        "description": "Engines and those who program them.",
        "join": "open",
    },
    request_only=True,
)

organizations = extend_schema_view(
    list=extend_schema(
        tags=[TAG],
        summary="List organizations, each with its first members",
        responses=OrganizationSerializer(many=True),
    ),
    retrieve=extend_schema(
        tags=[TAG], summary="Get an organization", responses=OrganizationSerializer
    ),
    create=extend_schema(
        tags=[TAG],
        summary="Create an organization (you become its owner)",
        request=OrganizationCreateSerializer,
        responses={201: OrganizationSerializer},
        examples=[_EXAMPLE],
    ),
    partial_update=extend_schema(
        tags=[TAG],
        summary="Change an organization (owners, staff)",
        parameters=[IF_MATCH],
        request=OrganizationUpdateSerializer,
        responses=OrganizationSerializer,
        examples=[_EXAMPLE],
    ),
    destroy=extend_schema(
        tags=[TAG], summary="Delete an organization (owners, staff)", parameters=[IF_MATCH]
    ),
)
members = extend_schema_view(
    list=extend_schema(
        tags=[TAG],
        summary="List the members of an organization with their roles",
        responses=OrganizationMemberSerializer(many=True),
    ),
    partial_update=extend_schema(
        tags=[TAG],
        operation_id="organizations_members_update",
        summary="Change the role of a member (owners, staff)",
        description="The last owner cannot step down.",
        request=MemberUpdateSerializer,
        responses=OrganizationMemberSerializer,
    ),
    destroy=extend_schema(
        tags=[TAG],
        operation_id="organizations_members_delete",
        summary="Leave an organization, or remove a member (owners, admins, staff)",
        description="Admins remove members and admins, owners remove everybody. The last owner"
        " can neither leave nor be removed.",
    ),
)
invitations = extend_schema_view(
    list=extend_schema(
        tags=[TAG],
        summary="List the open invitations of an organization (owners, admins, staff)",
        responses=InvitationSerializer(many=True),
    ),
    create=extend_schema(
        tags=[TAG],
        summary="Invite an email address (owners, admins, staff)",
        description="Mails a code of 8 digits that works once and for 7 days, with"
        " `POST /organizations/join`, for the account whose verified address this is. The response"
        " is the same whether or not an account has the address.",
        request=InvitationCreateSerializer,
        responses={202: OpenApiResponse({"type": "object", "example": {}}, "Accepted.")},
    ),
    destroy=extend_schema(
        tags=[TAG],
        operation_id="organizations_invitations_delete",
        summary="Revoke an invitation (owners, admins, staff)",
    ),
)
join = extend_schema_view(
    post=extend_schema(
        tags=[TAG],
        operation_id="organizations_join",
        summary="Join an organization with the code of an invitation",
        description="Wrong, old, used, revoked and foreign codes get the same `400`. After five"
        " wrong ones no code works for 10 minutes.",
        request=JoinSerializer,
        responses={200: OrganizationSerializer},
    )
)
