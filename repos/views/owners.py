"""`/api/owners`: owners on GitHub whose repositories are all followed."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status
from rest_framework.response import Response

from api.description.schema import raises
from api.views import ApiViewSet
from core.exceptions import ValidationFailed
from repos.models import FollowedOwner
from repos.selectors import owners_of
from repos.serializers import OwnerCreateSerializer, OwnerIdSerializer, OwnerSerializer
from repos.services.owners import follow_owner, unfollow_owner
from repos.views.base import TrafficView
from users.sessions.authentication import SignedInRequest

_ID = "3f1f8a0e-51c7-4b0e-9f3e-6f0f7f0d2b11"
_URL = "https://github.com/octocat"
_OWNER = {
    "id": _ID,
    "url": _URL,
    "forks": False,
    "created_at": "2026-03-01T09:30:00Z",
    "last_read_at": "2026-03-10T03:17:02Z",
    "last_error": None,
}
_OWNER_ID = OpenApiParameter("owner_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class NothingToDelete(ValidationFailed):
    """As for repositories: 400, not 404."""

    code = "unknown_owner"
    message = "You follow no owner with this id."


@extend_schema_view(
    list=extend_schema(
        operation_id="owners_list",
        summary="List the owners you follow",
        responses=OwnerSerializer(many=True),
        examples=[OpenApiExample("One", _OWNER, response_only=True)],
    ),
    create=extend_schema(
        operation_id="owners_create",
        summary="Follow every repository of a user or an organization",
        description=(
            "Every repository that your GitHub token may push to, archived ones included and forks"
            " only if `forks` is true. The list is read at once, in the background, and by every"
            " daily run, which follows what is new. With the server's token only public"
            " repositories are followed, unless its operator named the owner."
        ),
        request=OwnerCreateSerializer,
        responses={200: OwnerIdSerializer},
        examples=[
            OpenApiExample("Follow", {"url": _URL}, request_only=True),
            OpenApiExample("Id", {"id": _ID}, response_only=True),
        ],
    ),
)
class OwnerViewSet(TrafficView, ApiViewSet):
    queryset = FollowedOwner.objects.none()
    pagination_class = None
    lookup_url_kwarg = "owner_id"
    serializer_class = OwnerSerializer

    def list(self, request: SignedInRequest) -> Response:
        return Response(OwnerSerializer(owners_of(request.user), many=True).data)

    def create(self, request: SignedInRequest) -> Response:
        incoming = OwnerCreateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        owner = follow_owner(user=request.user, now=timezone.now(), **incoming.validated_data)
        return Response(OwnerIdSerializer(owner).data)

    @raises(NothingToDelete)
    @extend_schema(
        operation_id="owners_delete",
        summary="Stop following an owner",
        description="Its repositories stay, and are fetched as before.",
        parameters=[_OWNER_ID],
        request=None,
        responses={202: OpenApiResponse(description="Not followed any more.")},
    )
    def unfollow(self, request: SignedInRequest, owner_id: str) -> Response:
        if not unfollow_owner(user=request.user, owner_id=owner_id):
            raise NothingToDelete
        return Response({}, status=status.HTTP_202_ACCEPTED)
