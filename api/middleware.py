"""What happens around every request: its id and log line, the version, the path, the size."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.bodies.limits import declared_length, length_limit, too_large_message
from api.errors.responses import error_response
from api.forwarded import apply_forwarded_headers
from core.logs.request_id import request_id, request_id_from
from core.logs.route import route_of

API_VERSION = "1"

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_access_log = logging.getLogger("foyer.access")


def forwarded(get_response: GetResponse) -> GetResponse:
    """First of all, so that nobody reads what a client made up: see api.forwarded."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        apply_forwarded_headers(request.META, trusted_proxies=settings.TRUSTED_PROXIES)
        return get_response(request)

    return middleware


def request_log(get_response: GetResponse) -> GetResponse:
    """Give the request its id, echo it, and log one line that names the route, never the path:
    the paths of the chart pages hold tokens."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request_id.set(request_id_from(request.META.get("HTTP_X_REQUEST_ID")))
        started = time.perf_counter()
        response = get_response(request)
        response["X-Request-ID"] = request_id.get()
        _access_log.info(
            "%s %s %s",
            request.method,
            route_of(request),
            response.status_code,
            extra={
                "fields": {
                    "status": response.status_code,
                    "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                }
            },
        )
        return response

    return middleware


def api_version(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["API-Version"] = API_VERSION
        return response

    return middleware


def trailing_slash(get_response: GetResponse) -> GetResponse:
    """A path with a trailing slash means the one without; the admin keeps Django's own way."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.endswith("/") and path != "/" and not path.startswith("/admin/"):
            request.path_info = path[:-1]
            request.path = request.path.removesuffix("/")
        return get_response(request)

    return middleware


def body_limits(get_response: GetResponse) -> GetResponse:
    """Refuse a body by its headers, before a byte of it is read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        # A WSGI application reads a chunked body as an empty one, and would act on that.
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return error_response(
                411, "length_required", "Send the body with a Content-Length, not in chunks."
            )
        length = declared_length(request.META)
        if length is None:
            return error_response(400, "bad_request", "Content-Length must be a whole number.")
        if length > length_limit(request.META):
            return error_response(413, "too_large", too_large_message(request.META))
        return get_response(request)

    return middleware
