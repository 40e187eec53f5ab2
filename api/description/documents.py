"""`/openapi.json` and `/docs`, both served from here alone."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.description.schema import ERROR_SCHEMA
from api.renderers import ORJSONRenderer
from api.views import method_not_allowed
from core.csp import new_nonce, set_policy
from core.exceptions import ValidationFailed

_PREFERRED = ("application/json", "multipart/form-data")
# `<str:token>` in a route.
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


class _Document(APIView):
    """What is no document is JSON in the API's shape, whatever the document is written in."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        raise method_not_allowed(self, request)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        if response.exception or request.method == "OPTIONS":
            request.accepted_renderer = ORJSONRenderer()
            request.accepted_media_type = ORJSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)


class OpenAPIView(_Document, SpectacularAPIView):
    """`?media=json`: one media type for each body, for generators of clients that can only handle
    one. JSON where there is a choice, otherwise a form."""

    # The same document as application/json, which clients of the API ask for, and under the name
    # that OpenAPI has for it.
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer]

    def _get_schema_response(self, request: Request) -> Response:
        media = request.query_params.get("media", "")
        if media not in ("", "json"):
            raise ValidationFailed("media must be json.", attr="media")
        response: Response = super()._get_schema_response(request)  # type: ignore[no-untyped-call]
        if media:
            keep_one_media_type(response.data)
        return response


def keep_one_media_type(described: Any) -> None:
    """In every `content` below."""
    if isinstance(described, list):
        for item in described:
            keep_one_media_type(item)
    elif isinstance(described, dict):
        content = described.get("content")
        if isinstance(content, dict) and len(content) > 1 and all("/" in name for name in content):
            kept = next((each for each in _PREFERRED if each in content), next(iter(content)))
            described["content"] = {kept: content[kept]}
        for value in described.values():
            keep_one_media_type(value)


class SwaggerView(_Document, SpectacularSwaggerView):
    renderer_classes = [TemplateHTMLRenderer]
    template_name = "docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        nonce = new_nonce()
        response = Response({"nonce": nonce}, template_name=self.template_name)
        set_policy(response, nonce=nonce, connect="'self'")
        return response


def add_error_schema(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    result["components"]["schemas"]["Error"] = ERROR_SCHEMA
    # Independent of who asks for it: one document.
    result["info"]["version"] = settings.SPECTACULAR_SETTINGS["VERSION"]
    return result


def one_of_to_any_of(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """A response may fit more than one of several schemas: a full user is a public one too."""
    for schema in result["components"]["schemas"].values():
        if "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")
    return result


def add_non_drf_paths(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Views outside DRF describe their GET by hand, in the class attribute `openapi`."""
    for path, view in _views(get_resolver().url_patterns):
        operation = getattr(view, "openapi", None)
        if operation is not None:
            result["paths"][path] = {"get": copy.deepcopy(operation)}
    return result


def _views(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield _CONVERTER.sub(r"{\1}", path), getattr(pattern.callback, "view_class", None)
