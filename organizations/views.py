"""`/organizations`."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.schema import raises
from api.views import ApiViewSet
from organizations import selectors, services
from organizations.models import Organization
from organizations.serializers import (
    OrganizationCreateSerializer,
    OrganizationSerializer,
    OrganizationUpdateSerializer,
)
from users.models import User
from users.profiles.serializers import MemberSerializer
from users.sessions.authentication import SignedInRequest

_EXAMPLE = OpenApiExample(
    "An organization",
    {"name": "Analytical Society", "description": "Engines and those who program them."},
    request_only=True,
)


@extend_schema_view(
    list=extend_schema(
        summary="List organizations, each with its first members",
        responses=OrganizationSerializer(many=True),
    ),
    retrieve=extend_schema(summary="Get an organization", responses=OrganizationSerializer),
    create=extend_schema(
        summary="Create an organization (you become its first member)",
        request=OrganizationCreateSerializer,
        responses={201: OrganizationSerializer},
        examples=[_EXAMPLE],
    ),
    partial_update=extend_schema(
        summary="Change an organization (creator, staff)",
        request=OrganizationUpdateSerializer,
        responses=OrganizationSerializer,
        examples=[_EXAMPLE],
    ),
    destroy=extend_schema(summary="Delete an organization (creator, staff)"),
)
@extend_schema(tags=["Organizations"])
class OrganizationViewSet(ApiViewSet):
    request: SignedInRequest
    queryset = Organization.objects.none()
    serializer_class = OrganizationSerializer
    ordering = ("id",)

    def get_queryset(self) -> QuerySet[Organization]:
        return selectors.organizations_with_member_count()

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(self._representation(page))

    def retrieve(self, request: Request, pk: int) -> Response:
        return self._answer(pk)

    def create(self, request: SignedInRequest) -> Response:
        incoming = OrganizationCreateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        organization = services.create_organization(creator=request.user, **incoming.validated_data)
        return self._answer(organization.pk, status.HTTP_201_CREATED)

    @raises(services.NotYourOrganization)
    def partial_update(self, request: SignedInRequest, pk: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        incoming = OrganizationUpdateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        services.update_organization(
            editor=request.user, organization=organization, **incoming.validated_data
        )
        return self._answer(pk)

    @raises(services.NotYourOrganization)
    def destroy(self, request: SignedInRequest, pk: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        services.delete_organization(editor=request.user, organization=organization)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, pk: int, http_status: int = status.HTTP_200_OK) -> Response:
        organization = get_object_or_404(self.get_queryset(), pk=pk)
        return Response(self._representation([organization])[0], status=http_status)

    def _representation(self, organizations: Sequence[Organization]) -> Any:
        first_members = selectors.first_members_of([each.pk for each in organizations])
        context = {**self.get_serializer_context(), "first_members": first_members}
        return OrganizationSerializer(organizations, many=True, context=context).data


@extend_schema_view(
    list=extend_schema(
        summary="List the members of an organization", responses=MemberSerializer(many=True)
    )
)
@extend_schema(tags=["Organizations"])
class MemberViewSet(ApiViewSet):
    queryset = User.objects.none()
    serializer_class = MemberSerializer
    ordering = ("user_id",)

    def list(self, request: Request, pk: int) -> Response:
        organization = get_object_or_404(Organization, pk=pk)
        page = self.paginate_queryset(selectors.memberships_of(organization))
        members = [membership.user for membership in page or []]
        return self.get_paginated_response(self.get_serializer(members, many=True).data)
