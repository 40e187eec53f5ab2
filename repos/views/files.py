"""`/api/repos/<id>/traffic.csv` and `/import`: history as files."""

from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.parsers import StrictMultiPartParser
from api.renderers import ORJSONRenderer
from api.views import ApiView
from core.dates import parse_date_range
from repos import selectors
from repos.serializers import CsvFileSerializer, DateRangeSerializer, ImportedSerializer
from repos.traffic.csv_files import UnreadableCsv, read_csv, write_csv
from repos.traffic.history import import_history
from repos.views.base import TRAFFIC_AUTHENTICATION
from repos.views.lookup import own_repository
from users.sessions.authentication import SignedInRequest

_EXAMPLE = (
    "date,views,unique_visitors,clones,unique_cloners,complete\r\n2026-03-01,120,34,12,9,true\r\n"
)


class CsvRenderer(BaseRenderer):
    """Lets clients ask for `text/csv`. Refusals are JSON, here as everywhere."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return data


class CsvParser(BaseParser):
    """The body as it is, under a name that a form cannot give it: bytes."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, bytes]:
        return {"body": stream.read()}


@extend_schema(tags=["Traffic"])
class TrafficCsvView(ApiView):
    authentication_classes = TRAFFIC_AUTHENTICATION
    renderer_classes = (CsvRenderer, ORJSONRenderer)

    @extend_schema(
        operation_id="api_repos_traffic_csv",
        summary="The history of a repository as CSV",
        parameters=[DateRangeSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        examples=[OpenApiExample("CSV", _EXAMPLE, media_type="text/csv", response_only=True)],
    )
    def get(self, request: SignedInRequest, repository_id: str) -> HttpResponse:
        repository = own_repository(request, repository_id)
        days = selectors.days_of(repository, within=parse_date_range(request.query_params))
        name = f"{repository.owner}-{repository.name}-traffic.csv"
        return HttpResponse(
            write_csv(days),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        if isinstance(response, Response):
            # Only refusals are; `Accept: text/csv` does not make CSV of them.
            request.accepted_renderer = ORJSONRenderer()
            request.accepted_media_type = ORJSONRenderer.media_type
        finalized: Response = super().finalize_response(request, response, *args, **kwargs)
        return finalized


@extend_schema(tags=["Traffic"])
class ImportView(ApiView):
    authentication_classes = TRAFFIC_AUTHENTICATION
    parser_classes = (CsvParser, StrictMultiPartParser)

    @extend_schema(
        operation_id="api_repos_import",
        summary="Merge history gathered elsewhere",
        description=(
            "A CSV as traffic.csv gives it, or one of jgehrcke/github-repo-stats, as the body or as"
            " the multipart field `file`. Merged day by day by the maximum, like everything GitHub"
            " says: nothing that is stored is lost or lowered."
        ),
        request={"text/csv": OpenApiTypes.STR, "multipart/form-data": CsvFileSerializer},
        responses={200: ImportedSerializer, 400: OpenApiResponse(description="Not such a CSV.")},
        examples=[
            OpenApiExample("CSV", _EXAMPLE, media_type="text/csv", request_only=True),
            OpenApiExample("Imported", {"days": 1}, response_only=True, status_codes=["200"]),
        ],
    )
    def post(self, request: SignedInRequest, repository_id: str) -> Response:
        repository = own_repository(request, repository_id)
        now = timezone.now()
        history = read_csv(_text_in(request), today=now.date())
        return Response({"days": import_history(repository=repository, history=history, now=now)})


def _text_in(request: Request) -> str:
    data: Any = request.data
    raw = data.get("body")
    if not isinstance(raw, bytes):
        file = request.FILES.get("file")
        if file is None:
            raise UnreadableCsv("Send the CSV as the body, or as the field `file`.", attr="file")
        raw = file.read()
    try:
        return str(raw, "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableCsv("The file is not UTF-8.") from error
