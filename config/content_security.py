"""The Content-Security-Policy of the HTML that Foyer serves: nothing from other hosts, nothing
inline. Only scripts and styles that carry the nonce of their answer are taken."""

import secrets

from django.http.response import HttpResponseBase


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def set_policy(response: HttpResponseBase, *, nonce: str, connect: str = "'none'") -> None:
    response["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            "img-src 'self' data:",
            f"connect-src {connect}",
            "form-action 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
