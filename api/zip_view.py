"""The base of views whose response is a zip."""

from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.renderers import ORJSONRenderer
from api.views import ApiView


class ZipRenderer(BaseRenderer):
    """Lets clients ask for `application/zip`. Errors are JSON, here as everywhere."""

    media_type = "application/zip"
    format = "zip"

    def render(self, data: bytes, *_: object, **__: object) -> bytes:
        return data


class ZipView(ApiView):
    renderer_classes = (ZipRenderer, ORJSONRenderer)

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        if isinstance(response, Response):
            # Only errors are; `Accept: application/zip` does not make a zip of them.
            request.accepted_renderer = ORJSONRenderer()
            request.accepted_media_type = ORJSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)
