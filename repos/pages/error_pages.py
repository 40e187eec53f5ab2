"""Refusals of the chart pages, for people."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.csp import new_nonce
from repos.pages.privacy import make_private

_TEXTS = {
    400: ("This address cannot be read", "It may have been cut or mistyped. Ask for it again."),
    404: (
        "There is nothing here",
        "The link may be incomplete or replaced, or the repository is no longer followed.",
    ),
    405: ("This page can only be read", "Open its address in a browser."),
    503: ("Foyer is busy", "Try again in a moment."),
}
_FAILED = ("Something went wrong on our side", "Try again later.")


def error_page(
    request: HttpRequest,
    status: int,
    *,
    nonce: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Says nothing that depends on the address: it holds a token."""
    title, advice = _TEXTS.get(status, _FAILED)
    nonce = nonce or new_nonce()
    response = render(
        request,
        "repos/pages/error.html",
        {"title": title, "advice": advice, "nonce": nonce},
        status=status,
    )
    for name, value in (headers or {}).items():
        response[name] = value
    make_private(response, nonce=nonce)
    return response
