"""The page for a form of the admin that is rejected as forged."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render

from core.csp import ADMIN_POLICY


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Names the host and the origin that Foyer saw: behind a proxy that does not pass the port or
    the scheme on they differ, and nobody can log in."""
    origin = request.headers.get("Origin", "")
    response = render(
        request,
        "admin/csrf_failure.html",
        {
            **admin.site.each_context(request),
            "own_origin": f"{request.scheme}://{request.get_host()}",
            "origin": origin,
            "wrong_origin": reason == REASON_BAD_ORIGIN % origin,
        },
        status=403,
    )
    response["Content-Security-Policy"] = ADMIN_POLICY
    return response
