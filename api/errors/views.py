"""Django's own error answers (unknown URLs, what fails outside DRF) in the API's shape.

A class of pages for people says by `error_page(request, status, headers=)` how its errors look.
"""

import functools
import sys
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException

from api.errors.handler import to_api_exception
from api.errors.responses import error_response

Handler = Callable[..., HttpResponse]


def _render_like_view(handler: Handler) -> Handler:
    @functools.wraps(handler)
    def answer(request: HttpRequest, **details: Exception) -> HttpResponse:
        response = handler(request, **details)
        view = getattr(request.resolver_match, "func", None)
        error_page = getattr(getattr(view, "view_class", None), "error_page", None)
        if error_page is None:
            return response
        kept = {name: response[name] for name in ("Retry-After",) if name in response}
        page: HttpResponse = error_page(request, response.status_code, headers=kept)
        return page

    return answer


@_render_like_view
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        return error_response(
            400, "unknown_host", "This server does not answer for that host name (ALLOWED_HOSTS)."
        )
    return _answer(to_api_exception(exception)) or error_response(
        400, "bad_request", "The request is malformed."
    )


@_render_like_view
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(403, "permission_denied", "You may not do this.")


@_render_like_view
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(404, "not_found", "There is nothing at this address.")


@_render_like_view
def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exception()
    refusal = to_api_exception(error) if isinstance(error, Exception) else None
    return _answer(refusal) or error_response(
        500, "error", "Something went wrong on our side; try again later."
    )


def _answer(refusal: APIException | None) -> HttpResponse | None:
    if refusal is None:
        return None
    wait = getattr(refusal, "wait", None)
    return error_response(
        refusal.status_code,
        str(refusal.get_codes()),
        str(refusal.detail),
        headers={"Retry-After": str(wait)} if wait else None,
    )
