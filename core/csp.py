"""The Content-Security-Policy of the HTML that Foyer serves: nothing from other hosts, nothing
inline. Only scripts and styles that carry the nonce of their answer are taken."""

import secrets

from django.http.response import HttpResponseBase

# Django's admin takes no nonces, and nothing inline either.
ADMIN_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'"
)


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
