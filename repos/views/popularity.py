"""`/api/repos/<id>/referrers` and `/paths`: who linked and what was visited, over time."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response

from api.query_params import DateRangeSerializer, read_date_range
from repos.models import PopularityKind
from repos.openapi import REPOSITORY_ID
from repos.serializers import (
    PathOverTimeSerializer,
    ReferrerOverTimeSerializer,
)
from repos.traffic.popularity import PopularEntry, popular_over_time
from repos.views.base import TrafficView
from repos.views.lookup import own_repository
from users.sessions.authentication import SignedInRequest

_DAYS = [{"date": "2026-03-01", "views": 61, "unique_visitors": 40}]
_MEANING = (
    " GitHub tells its ten most visited of the last 14 days; the figures of a day are those 14-day"
    " totals as of that day. Days on which one did not stand in the list are missing. Most visited"
    " over the whole range first."
)


class ReferrersView(TrafficView):
    @extend_schema(
        operation_id="repositories_referrers_list",
        summary="Every referrer that ever stood in GitHub's list, day by day",
        description=f"Sites that visitors came from.{_MEANING}",
        parameters=[REPOSITORY_ID, DateRangeSerializer],
        responses=ReferrerOverTimeSerializer(many=True),
        examples=[OpenApiExample("One", {"referrer": "Google", "days": _DAYS}, response_only=True)],
    )
    def get(self, request: SignedInRequest, repository_id: str) -> Response:
        entries = _entries(request, repository_id, PopularityKind.REFERRERS)
        return Response([{"referrer": entry.name, "days": _days(entry)} for entry in entries])


class PathsView(TrafficView):
    @extend_schema(
        operation_id="repositories_paths_list",
        summary="Every path that ever stood in GitHub's list, day by day",
        description=f"Pages that were visited, each with its newest title.{_MEANING}",
        parameters=[REPOSITORY_ID, DateRangeSerializer],
        responses=PathOverTimeSerializer(many=True),
        examples=[
            OpenApiExample(
                "One",
                {"path": "/octocat/hello-world", "title": "octocat/hello-world", "days": _DAYS},
                response_only=True,
            )
        ],
    )
    def get(self, request: SignedInRequest, repository_id: str) -> Response:
        entries = _entries(request, repository_id, PopularityKind.PATHS)
        return Response(
            [{"path": entry.name, "title": entry.title, "days": _days(entry)} for entry in entries]
        )


def _entries(
    request: SignedInRequest, repository_id: str, kind: PopularityKind
) -> list[PopularEntry]:
    repository = own_repository(request, repository_id)
    return popular_over_time(repository, kind, within=read_date_range(request.query_params))


def _days(entry: PopularEntry) -> list[dict[str, Any]]:
    return [
        {"date": day.date, "views": day.views, "unique_visitors": day.unique_visitors}
        for day in entry.days
    ]
