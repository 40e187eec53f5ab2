"""`/api/traffic` and `/api/traffic.zip`: all repositories of a user together."""

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response

from api.file_view import ZipView
from api.query_params import DateRangeSerializer, read_date_range
from repos import selectors
from repos.serializers import TotalTrafficSerializer
from repos.traffic.archive import traffic_zip
from repos.traffic.totals import total_traffic
from repos.views.base import TrafficView
from users.sessions.authentication import SignedInRequest

_TOTALS = {
    "traffic": [{"date": "2026-03-01", "views": 480, "clones": 31, "repositories": 4}],
    "last_14_days": {"views": 5120, "clones": 402},
}


class TotalTrafficView(TrafficView):
    @extend_schema(
        operation_id="traffic_retrieve",
        summary="The traffic of all your repositories, added up per day",
        description=(
            "Views and clones only: unique people cannot be added up. `repositories` is the number"
            " of those that have the day; a figure that none of them tells is null. A repository"
            " that you follow under its old name and its new one counts once. `last_14_days` leaves"
            " out figures that are older than those of other repositories by 14 days or more, such"
            " as of an archived repository."
        ),
        parameters=[DateRangeSerializer],
        responses=TotalTrafficSerializer,
        examples=[OpenApiExample("Totals", _TOTALS, response_only=True)],
    )
    def get(self, request: SignedInRequest) -> Response:
        within = read_date_range(request.query_params)
        return Response(total_traffic(request.user, within=within))


class TrafficZipView(TrafficView, ZipView):
    @extend_schema(
        operation_id="traffic_export_zip",
        summary="The histories of all your repositories as one zip",
        description="`owner/name/traffic.csv` for each, streamed. Import takes the zip as it is.",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: SignedInRequest) -> StreamingHttpResponse:
        repositories = list(selectors.repositories_of(request.user))
        return StreamingHttpResponse(
            traffic_zip(repositories),
            content_type="application/zip",
            headers={"Content-Disposition": 'attachment; filename="traffic.zip"'},
        )
