"""How long a body may be, judged by its headers before a byte of it is read."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

_CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")
UPLOADS = ("multipart/form-data", "text/csv")
# The framing of a form around a file.
_FORM_BYTES = 1024 * 1024


def too_large_message(headers: Mapping[str, Any]) -> str:
    """The same number wherever a body or a file in it is found to be too large."""
    if _is_upload(headers):
        return f"The file is larger than {file_limit(headers) // 1024**2} MiB."
    return f"The body is larger than {settings.JSON_BODY_LIMIT // 1024**2} MiB."


def _is_upload(headers: Mapping[str, Any]) -> bool:
    return (headers.get("CONTENT_TYPE") or "").lower().startswith(UPLOADS)


def declared_length(headers: Mapping[str, Any]) -> int | None:
    """Of a WSGI environment or Django's `META`; None when it is no whole number."""
    length = headers.get("CONTENT_LENGTH") or "0"
    return int(length) if _CONTENT_LENGTH.fullmatch(length) else None


def length_limit(headers: Mapping[str, Any]) -> int:
    """In bytes, by the kind of the body and, for files, by the path."""
    if not _is_upload(headers):
        limit: int = settings.JSON_BODY_LIMIT
        return limit
    return file_limit(headers) + _FORM_BYTES


def file_limit(headers: Mapping[str, Any]) -> int:
    """In bytes, of one file in a form: that of a picture, but for the paths that take others."""
    path = headers.get("PATH_INFO") or ""
    limits: Mapping[str, int] = settings.FILE_SIZE_LIMITS
    for pattern, limit in limits.items():
        if re.fullmatch(pattern, path):
            return limit
    return int(settings.AVATAR_SIZE_LIMIT)
