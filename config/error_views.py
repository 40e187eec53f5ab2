"""Django's own error answers (unknown URLs, what fails outside DRF) in the API's shape."""

import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException

from config.envelope import error_response
from config.exception_handler import refusal_of


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        return error_response(
            400, "unknown_host", "This server does not answer for that host name (ALLOWED_HOSTS)."
        )
    return _answer(refusal_of(exception)) or error_response(
        400, "bad_request", "The request is malformed."
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(403, "permission_denied", "You may not do this.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(
        403, "csrf_failed", "The form was open for too long or came from another site; reload it."
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exception()
    refusal = refusal_of(error) if isinstance(error, Exception) else None
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
