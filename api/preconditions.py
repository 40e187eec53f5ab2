"""`ETag`, `If-Match` and `If-None-Match` (RFC 9110 §8.8.3, §13): of two people who edit one thing
at once, the second is told instead of undoing what the first did, and nobody is sent again what
they have.

Proxies that compress responses make their tags weak; those are taken too, since equal tags mean
equal content here. Nothing here has a date of its last change, so conditions on dates are ignored,
as §13.1.3 and §13.1.4 demand.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors.responses import error_response
from api.errors.statuses import status_of
from api.renderers import ORJSONRenderer
from core.exceptions import PreconditionFailed

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what you read: if it has been changed since, nothing is done and the"
    " response is `412`.",
)


class ETagMismatch(PreconditionFailed):
    """Of a read."""

    message = "This has another ETag than If-Match names. Leave out If-Match to get it."


_Resource = TypeVar("_Resource")
_Method = TypeVar("_Method", bound=Callable[..., Response])


def entity_tag(*parts: bytes) -> str:
    digest = hashlib.sha256()  # in half the time of BLAKE2b
    for part in parts:
        digest.update(part)
    return f'"{digest.hexdigest()[:32]}"'


def entity_tagged(method: _Method) -> _Method:
    """For a view method whose `200` is the whole of one thing: it carries an `ETag`, and a `GET`
    with `If-None-Match` gets `304` for what the client has already."""

    @wraps(method)
    def tagged(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = method(view, request, *args, **kwargs)
        response.add_post_render_callback(lambda rendered: _add_tag(request._request, rendered))
        return response

    tagged.has_entity_tag = True  # type: ignore[attr-defined]  # read by ApiSchema
    return tagged  # type: ignore[return-value]  # takes and returns the same


def if_match(
    request: Request, represent: Callable[[_Resource], Any]
) -> Callable[[_Resource], None] | None:
    """What a service calls within its transaction, with the locked row, before it changes anything:
    raises PreconditionFailed unless `represent(row)` is what the caller has read. None without
    `If-Match`."""
    header = request.headers.get("If-Match")
    if header is None:
        return None

    def check(resource: _Resource) -> None:
        content = ORJSONRenderer().render(represent(resource))
        if not _names(header, entity_tag(content)):
            raise PreconditionFailed

    return check


def conditional_response(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What a GET or HEAD gets for a `200` that may carry an `ETag`: the response itself, `304` for
    a client that has it already, or `412` (RFC 9110 §13.2.2). Django's own function for it answers
    a `412` without a body, and also to conditions on dates."""
    expected = request.META.get("HTTP_IF_MATCH")
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if (expected is None and known is None) or "ETag" not in response:
        return response
    # Middleware that set the others may have run before.
    headers = {name: text for name, text in response.items() if not name.startswith("Content-")}
    if expected is not None and not _names(expected, response["ETag"]):
        return error_response(
            status_of(ETagMismatch),
            ETagMismatch.code,
            ETagMismatch.message,
            headers=headers | {"Cache-Control": "no-store"},
        )
    if known is not None and _names(known, response["ETag"]):
        return HttpResponseNotModified(headers=headers)
    return response


def _names(header: str, tag: str) -> bool:
    tags = [each.removeprefix("W/") for each in parse_etags(header)]
    return "*" in tags or tag in tags


def _add_tag(request: HttpRequest, response: HttpResponse) -> HttpResponse | None:
    if response.status_code != 200:
        return None
    response["ETag"] = entity_tag(response.content)
    # The response cache answers conditional requests for what it stores.
    if request.method not in ("GET", "HEAD") or hasattr(response, "freshness"):
        return None
    return conditional_response(request, response)
