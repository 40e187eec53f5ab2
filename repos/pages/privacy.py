"""Headers of the pages, whose addresses hold a token."""

from django.http.response import HttpResponseBase

from core.csp import set_policy


def make_private(response: HttpResponseBase, *, nonce: str) -> None:
    """Stored by nobody, found by no search engine, and the address is sent to no other site."""
    set_policy(response, nonce=nonce)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
