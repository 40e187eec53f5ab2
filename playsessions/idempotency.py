"""The `Idempotency-Key` header (contract: Conventions)."""

import hashlib

import orjson
from rest_framework.request import Request

from core.exceptions import ValidationFailed
from core.headers import header_text
from playsessions.models import IDEMPOTENCY_KEY_LENGTH
from playsessions.services import IdempotencyKey

HEADER = "Idempotency-Key"


def parse_idempotency_key(request: Request) -> IdempotencyKey | None:
    """What makes the request known when it is repeated; None without the header.

    Two bodies are the same when they mean the same JSON, whatever their spacing and order.
    Raises Invalid for a key of no or of too many characters.
    """
    key = header_text(request._request, HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= IDEMPOTENCY_KEY_LENGTH:
        raise ValidationFailed(
            f"{HEADER} must have 1 to {IDEMPOTENCY_KEY_LENGTH} characters.", attr=HEADER
        )
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    return IdempotencyKey(key, hashlib.sha256(body).digest())
