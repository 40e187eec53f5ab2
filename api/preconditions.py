"""`ETag` and `If-Match` (RFC 9110 §8.8.3, §13.1.1): of two people who edit one thing at once, the
second is told instead of undoing what the first did."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from api.renderers import ORJSONRenderer
from core.exceptions import PreconditionFailed

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what you read: if it has been changed since, nothing is done and the"
    " response is `412`.",
)

_Resource = TypeVar("_Resource")
_Method = TypeVar("_Method", bound=Callable[..., Response])


def entity_tag(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def entity_tagged(method: _Method) -> _Method:
    """For a view method whose `200` is the whole of one thing: it carries an `ETag`, and a `GET`
    with `If-None-Match` gets `304` for what the client has already."""

    @wraps(method)
    def tagged(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = method(view, request, *args, **kwargs)
        response.add_post_render_callback(lambda rendered: _add_tag(request._request, rendered))
        return response

    return tagged  # type: ignore[return-value]  # takes and returns the same


def if_match(
    request: Request, represent: Callable[[_Resource], Any]
) -> Callable[[_Resource], None] | None:
    """What a service calls within its transaction, with the locked row, before it changes anything:
    raises PreconditionFailed unless `represent(row)` is what the caller has read. None without
    `If-Match`.

    Proxies that compress responses make their tags weak; those are taken too, since equal tags mean
    equal content here.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    expected = [tag.removeprefix("W/") for tag in parse_etags(header)]

    def check(resource: _Resource) -> None:
        if "*" not in expected:
            content = ORJSONRenderer().render(represent(resource))
            if entity_tag(content) not in expected:
                raise PreconditionFailed

    return check


def _add_tag(request: HttpRequest, response: HttpResponse) -> HttpResponseBase | None:
    if response.status_code != 200:
        return None
    response["ETag"] = entity_tag(response.content)
    # The response cache answers conditional requests for what it stores.
    if request.method not in ("GET", "HEAD") or hasattr(response, "freshness"):
        return None
    return get_conditional_response(request, etag=response["ETag"], response=response)
