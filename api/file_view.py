"""The base of views whose response is a file."""

from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.renderers import ORJSONRenderer
from api.views import ApiView


class FileRenderer(BaseRenderer):
    """Lets clients ask for the type of a file. Errors are JSON, here as everywhere."""

    def render(self, data: bytes, *_: object, **__: object) -> bytes:
        return data


class ZipRenderer(FileRenderer):
    media_type = "application/zip"
    format = "zip"


class CsvRenderer(FileRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"


class FileView(ApiView):
    """Its file is an HttpResponse of Django, which needs no rendering."""

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        if isinstance(response, Response):
            # Only errors are; `Accept: application/zip` does not make a zip of them.
            request.accepted_renderer = ORJSONRenderer()
            request.accepted_media_type = ORJSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)


class ZipView(FileView):
    renderer_classes = (ZipRenderer, ORJSONRenderer)


class CsvView(FileView):
    renderer_classes = (CsvRenderer, ORJSONRenderer)
