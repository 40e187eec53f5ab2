"""Text of request headers."""

from django.http import HttpRequest
from django.http.request import HttpHeaders


def header_text(request: HttpRequest, name: str) -> str | None:
    """The header as people wrote it, or None when it was not sent.

    WSGI hands bytes over as Latin-1 (PEP 3333); clients send UTF-8, a few old ones Latin-1.
    """
    # Not from `request.headers`, which turns all names before the first is read.
    value: str | None = request.META.get(HttpHeaders.to_wsgi_name(name))
    if value is None or value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
