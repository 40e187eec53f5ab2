"""`/api/repos`: the repositories that somebody follows, and their traffic."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status
from rest_framework.response import Response

from api.description.schema import raises
from api.query_params import DateRangeSerializer, read_date_range
from api.views import ApiViewSet
from repos import selectors
from repos.models import TrackedRepository
from repos.openapi import REPOSITORY_ID
from repos.serializers import (
    RepositoryCreateSerializer,
    RepositoryIdSerializer,
    RepositorySerializer,
    RepositoryTrafficSerializer,
)
from repos.services.repositories import follow_repository, unfollow_repository
from repos.traffic.detail import RepositoryDetail, detail_of
from repos.views.base import TrafficView
from repos.views.lookup import NothingToDelete, own_repository
from users.sessions.authentication import SignedInRequest

_ID = "7d0e2a52-96c1-4a6c-8a0e-4bb6a1a4f7c3"
_URL = "https://github.com/octocat/hello-world"
_SUMMARY = {"id": _ID, "url": _URL, "created_at": "2026-03-01T09:30:00Z"}
_DETAIL = _SUMMARY | {
    "traffic": [
        {
            "date": "2026-03-01",
            "views": 120,
            "unique_visitors": 34,
            "clones": 12,
            "unique_cloners": 9,
            "complete": True,
        }
    ],
    "last_14_days": {
        "views": 1480,
        "unique_visitors": 301,
        "clones": 160,
        "unique_cloners": 77,
        "as_of": "2026-03-10T03:17:05Z",
    },
    "referrers": [{"referrer": "Google", "views": 61, "unique_visitors": 40}],
    "paths": [
        {
            "path": "/octocat/hello-world",
            "title": "octocat/hello-world: My first repository",
            "views": 800,
            "unique_visitors": 210,
        }
    ],
    "last_fetched_at": "2026-03-10T03:17:05Z",
    "last_error": None,
    "growth": [
        {"date": "2026-03-10", "stars": 2310, "forks": 187, "watchers": 41, "open_issues": 23}
    ],
    "weeks": [
        {
            "week": "2026-03-02",
            "views": 760,
            "unique_visitors": 171,
            "clones": 84,
            "unique_cloners": 40,
        }
    ],
    "downloads": [{"date": "2026-03-10", "downloads": 96}],
    "releases": [
        {
            "tag": "v2.0.0",
            "name": "The second",
            "published_at": "2026-02-11T10:00:00Z",
            "downloads": 4210,
        }
    ],
    "archived": False,
    "credential_expires_at": "2026-09-01T08:15:54Z",
}


def _body_of(detail: RepositoryDetail) -> dict[str, Any]:
    """By hand: ten years of days through serializers would take a second."""
    traffic = detail.traffic
    return {
        "id": traffic.id,
        "url": traffic.url,
        "created_at": traffic.created_at,
        "traffic": traffic.days,
        "last_14_days": traffic.last_14_days,
        "referrers": traffic.referrers,
        "paths": traffic.paths,
        "last_fetched_at": traffic.last_fetched_at,
        "last_error": traffic.last_error,
        "growth": detail.growth,
        "weeks": detail.weeks,
        "downloads": detail.downloads,
        "releases": detail.releases,
        "archived": traffic.repository.archived,
        "credential_expires_at": detail.credential_expires_at,
    }


@extend_schema_view(
    list=extend_schema(
        operation_id="repositories_list",
        summary="List the repositories you follow",
        responses=RepositorySerializer(many=True),
        examples=[OpenApiExample("One", _SUMMARY, response_only=True)],
    ),
    create=extend_schema(
        operation_id="repositories_create",
        summary="Follow a repository",
        description="Its traffic is fetched at once, in the background, and daily from then on.",
        request=RepositoryCreateSerializer,
        responses={200: RepositoryIdSerializer},
        examples=[
            OpenApiExample("Follow", {"url": _URL}, request_only=True),
            OpenApiExample("Id", {"id": _ID}, response_only=True),
        ],
    ),
    retrieve=extend_schema(
        operation_id="repositories_retrieve",
        summary="Get everything that is stored of a repository",
        parameters=[REPOSITORY_ID, DateRangeSerializer],
        responses=RepositoryTrafficSerializer,
        examples=[OpenApiExample("Traffic", _DETAIL, response_only=True)],
    ),
)
class RepositoryViewSet(TrafficView, ApiViewSet):
    queryset = TrackedRepository.objects.none()
    pagination_class = None
    lookup_url_kwarg = "repository_id"
    serializer_class = RepositorySerializer

    def list(self, request: SignedInRequest) -> Response:
        repositories = selectors.repositories_of(request.user)
        return Response(RepositorySerializer(repositories, many=True).data)

    def create(self, request: SignedInRequest) -> Response:
        incoming = RepositoryCreateSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        repository = follow_repository(
            user=request.user, now=timezone.now(), **incoming.validated_data
        )
        return Response(RepositoryIdSerializer(repository).data)

    def retrieve(self, request: SignedInRequest, repository_id: str) -> Response:
        repository = own_repository(request, repository_id)
        detail = detail_of(
            repository, within=read_date_range(request.query_params), now=timezone.now()
        )
        return Response(_body_of(detail))

    @raises(NothingToDelete)
    @extend_schema(
        operation_id="repositories_delete",
        summary="Delete a repository and everything that belongs to it",
        parameters=[REPOSITORY_ID],
        request=None,
        responses={202: OpenApiResponse(description="Deleted.")},
    )
    def unfollow(self, request: SignedInRequest, repository_id: str) -> Response:
        repository = own_repository(request, repository_id, missing=NothingToDelete)
        if not unfollow_repository(repository=repository):
            raise NothingToDelete
        return Response({}, status=status.HTTP_202_ACCEPTED)
