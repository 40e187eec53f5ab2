"""The `Idempotency-Key` header."""

import hashlib
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from core.exceptions import ValidationFailed
from core.headers import header_text
from core.idempotency import MAX_KEY_LENGTH, IdempotencyKey

HEADER = "Idempotency-Key"


def idempotency_key_parameter(description: str) -> OpenApiParameter:
    return OpenApiParameter(
        HEADER,
        {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH},
        OpenApiParameter.HEADER,
        description=description,
    )


def parse_idempotency_key(request: Request) -> IdempotencyKey | None:
    """What makes the request known when it is repeated; None without the header.

    Two bodies are the same when they mean the same JSON, whatever their spacing and order, or are
    forms of the same fields and files. Raises ValidationFailed for a key of no or of too many
    characters.
    """
    key = header_text(request._request, HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise ValidationFailed(f"{HEADER} must have 1 to {MAX_KEY_LENGTH} characters.", attr=HEADER)
    return IdempotencyKey(key, hashlib.sha256(_canonical_body(request.data)).digest())


def _canonical_body(data: Any) -> bytes:
    if isinstance(data, QueryDict):
        data = {name: [_text_or_digest(part) for part in parts] for name, parts in data.lists()}
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def _text_or_digest(part: Any) -> Any:
    if not isinstance(part, UploadedFile):
        return part
    part.seek(0)
    digest = hashlib.sha256(part.read()).hexdigest()
    part.seek(0)
    return {"sha256": digest}
