"""How long a body may be, judged by its headers before a byte of it is read."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

_CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
UPLOADS = ("multipart/form-data", "text/csv")


def declared_length(headers: Mapping[str, Any]) -> int | None:
    """Of a WSGI environment or Django's `META`; None when it is no whole number."""
    length = headers.get("CONTENT_LENGTH") or "0"
    return int(length) if _CONTENT_LENGTH.fullmatch(length) else None


def length_limit(headers: Mapping[str, Any]) -> int:
    """In bytes, by the kind of the body."""
    kind = headers.get("CONTENT_TYPE") or ""
    return (
        settings.UPLOAD_BODY_LIMIT if kind.lower().startswith(UPLOADS) else settings.JSON_BODY_LIMIT
    )
