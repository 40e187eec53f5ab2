"""Text of request headers."""

from django.http import HttpRequest


def header_text(request: HttpRequest, name: str) -> str | None:
    """The header as people wrote it, or None when it was not sent.

    WSGI hands bytes over as Latin-1 (PEP 3333); clients send UTF-8, a few old ones Latin-1.
    """
    value = request.headers.get(name)
    if value is None or value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
