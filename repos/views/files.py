"""`/api/repos/<id>/traffic.csv` and `/import`: history as files."""

from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies.parsers import StrictMultiPartParser
from api.description.schema import raises
from api.file_view import CsvView
from api.query_params import DateRangeSerializer, read_date_range
from repos.imports.histories import UnreadableFile
from repos.imports.reading import Import
from repos.openapi import REPOSITORY_ID
from repos.serializers import (
    ImportedSerializer,
    ImportFileSerializer,
    ImportQuerySerializer,
)
from repos.services.importing import import_file
from repos.traffic.csv_files import csv_response
from repos.views.base import TrafficView
from repos.views.lookup import own_repository
from users.sessions.authentication import SignedInRequest

_EXAMPLE = (
    "date,views,unique_visitors,clones,unique_cloners,complete\r\n2026-03-01,120,34,12,9,true\r\n"
)
_IMPORTED = {
    "days": 1,
    "weeks": 0,
    "files": [{"name": "traffic.csv", "format": "foyer", "days": 1, "weeks": 0}],
}


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


class TrafficCsvView(TrafficView, CsvView):
    @extend_schema(
        operation_id="repositories_export_csv",
        summary="Get the history of a repository as CSV",
        parameters=[REPOSITORY_ID, DateRangeSerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        examples=[OpenApiExample("CSV", _EXAMPLE, media_type="text/csv", response_only=True)],
    )
    def get(self, request: SignedInRequest, repository_id: str) -> HttpResponse:
        repository = own_repository(request, repository_id)
        return csv_response(repository, within=read_date_range(request.query_params))


class ImportView(TrafficView):
    parser_classes = (CsvParser, StrictMultiPartParser)

    @raises(UnreadableFile)
    @extend_schema(
        operation_id="repositories_import",
        parameters=[REPOSITORY_ID, ImportQuerySerializer],
        summary="Merge history gathered elsewhere",
        description=(
            "A traffic.csv of Foyer, as the body or as the multipart field `file`; as that field"
            " also a file of github-repo-stats, repository-traffic-action, github-traffic-stats"
            " (CSV), ghstats (SQLite), github-traffic-tracker, traffic-to-badge (JSON), an answer"
            " of GitHub (JSON, by day or by week), or a zip with several of them. The format is"
            " found by the content. A figure that a file does not tell stays unknown. Merged day by"
            " day by the maximum, like everything GitHub says: nothing that is stored is lost or"
            " lowered. At most 32 MiB, also unpacked."
        ),
        request={"text/csv": OpenApiTypes.STR, "multipart/form-data": ImportFileSerializer},
        responses={200: ImportedSerializer},
        examples=[
            OpenApiExample("CSV", _EXAMPLE, media_type="text/csv", request_only=True),
            OpenApiExample("Imported", _IMPORTED, response_only=True, status_codes=["200"]),
        ],
    )
    def post(self, request: SignedInRequest, repository_id: str) -> Response:
        repository = own_repository(request, repository_id)
        file_name, content = _file_in(request)
        found = import_file(
            repository=repository,
            content=content,
            file_name=file_name,
            source=request.query_params.get("repository"),
            now=timezone.now(),
        )
        return Response(_report_of(found))


def _file_in(request: Request) -> tuple[str, bytes]:
    """Name and content; a CSV that is the body itself has no name."""
    data: Any = request.data
    raw = data.get("body")
    if isinstance(raw, bytes):
        return "traffic.csv", raw
    file = request.FILES.get("file")
    if file is None:
        raise UnreadableFile(
            "Send the file as the field `file`, or a CSV as the body.", code="required"
        )
    return file.name or "file", file.read()


def _report_of(found: Import) -> dict[str, Any]:
    return {
        "days": len(found.days),
        "weeks": len(found.weeks),
        "files": [
            {
                "name": file.name,
                "format": file.format,
                "days": len(file.days),
                "weeks": len(file.weeks),
            }
            for file in found.files
        ],
    }
