"""`/organizations`."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.schema import raises
from api.preconditions import entity_tagged, if_match
from api.views import ApiView, ApiViewSet
from core.exceptions import PreconditionFailed
from organizations import invitations, schema, selectors, services
from organizations.models import Invitation, Membership, Organization
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
from users.codes.services import WrongCode
from users.profiles.memberships import LastOwner
from users.sessions.authentication import SignedInRequest
from users.throttling.limits import LimitReached


def _representation(organizations: Sequence[Organization], request: Request) -> Any:
    first_members = selectors.first_members_of([each.pk for each in organizations])
    context = {"request": request, "first_members": first_members}
    return OrganizationSerializer(organizations, many=True, context=context).data


@schema.organizations
class OrganizationViewSet(ApiViewSet):
    request: SignedInRequest
    queryset = Organization.objects.none()
    serializer_class = OrganizationSerializer
    ordering = ("id",)

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.organizations()) or []
        return self.get_paginated_response(_representation(page, request))

    @entity_tagged
    def retrieve(self, request: Request, pk: int) -> Response:
        return self._response(pk)

    def create(self, request: SignedInRequest) -> Response:
        incoming = OrganizationCreateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        organization = services.create_organization(creator=request.user, **incoming.validated_data)
        return self._response(organization.pk, status.HTTP_201_CREATED)

    @raises(services.NotYourOrganization, PreconditionFailed)
    @entity_tagged
    def partial_update(self, request: SignedInRequest, pk: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        # Before the body is read: who may not edit it is not asked to mend the body.
        services.require_owner(request.user, organization)
        incoming = OrganizationUpdateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        services.update_organization(
            editor=request.user,
            organization=organization,
            precondition=if_match(request, self._represent),
            **incoming.validated_data,
        )
        return self._response(pk)

    @raises(services.NotYourOrganization, PreconditionFailed)
    def destroy(self, request: SignedInRequest, pk: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        services.delete_organization(
            editor=request.user,
            organization=organization,
            precondition=if_match(request, self._represent),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _response(self, pk: int, http_status: int = status.HTTP_200_OK) -> Response:
        organization = get_object_or_404(selectors.organizations(), pk=pk)
        return Response(self._represent(organization), status=http_status)

    def _represent(self, organization: Organization) -> Any:
        return _representation([organization], self.request)[0]


@schema.members
class MemberViewSet(ApiViewSet):
    request: SignedInRequest
    queryset = Membership.objects.none()
    serializer_class = OrganizationMemberSerializer
    ordering = ("user_id",)

    def list(self, request: Request, pk: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        page = self.paginate_queryset(selectors.members_of(organization))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @raises(services.NotYourOrganization, services.NotAMember, LastOwner)
    def partial_update(self, request: SignedInRequest, pk: int, user_id: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        services.require_owner(request.user, organization)
        incoming = MemberUpdateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        membership = services.change_role(
            editor=request.user,
            organization=organization,
            user_id=user_id,
            **incoming.validated_data,
        )
        member = get_object_or_404(selectors.members_of(organization), pk=membership.pk)
        return Response(self.get_serializer(member).data)

    @raises(services.NotAnAdmin, services.OnlyOwnersRemoveOwners, services.NotAMember, LastOwner)
    def destroy(self, request: SignedInRequest, pk: int, user_id: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        services.end_membership(editor=request.user, organization=organization, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.invitations
class InvitationViewSet(ApiViewSet):
    request: SignedInRequest
    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    ordering = ("id",)

    def get_queryset(self) -> QuerySet[Invitation]:
        organization = get_object_or_404(Organization, pk=self.kwargs["pk"])
        services.require_admin(self.request.user, organization)
        return selectors.invitations_of(organization, now=timezone.now())

    @raises(services.NotAnAdmin)
    def list(self, request: Request, pk: int) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @raises(services.NotAnAdmin, LimitReached)
    def create(self, request: SignedInRequest, pk: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        services.require_admin(request.user, organization)
        incoming = InvitationCreateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        invitations.invite(
            inviter=request.user,
            organization=organization,
            now=timezone.now(),
            **incoming.validated_data,
        )
        return Response({}, status=status.HTTP_202_ACCEPTED)

    @raises(services.NotAnAdmin)
    def destroy(self, request: SignedInRequest, pk: int, invitation_id: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        invitations.revoke_invitation(
            editor=request.user, organization=organization, invitation_id=invitation_id
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


@schema.join
class JoinView(ApiView):
    request: SignedInRequest

    @raises(invitations.UnprovenAddress, WrongCode)
    def post(self, request: SignedInRequest) -> Response:
        incoming = JoinSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        organization = invitations.join(
            user=request.user, now=timezone.now(), **incoming.validated_data
        )
        return Response(_representation([organization], request)[0])
