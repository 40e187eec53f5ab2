"""Requests that may be repeated: a client's key makes the repetition known."""

from dataclasses import dataclass

from core.exceptions import Unprocessable

MAX_KEY_LENGTH = 255


class IdempotencyKeyReused(Unprocessable):
    code = "idempotency_key_reused"
    message = (
        "This Idempotency-Key came with another body before; "
        "send the first body again, or a new key for a new request."
    )


@dataclass(frozen=True)
class IdempotencyKey:
    """The client's key, and a SHA-256 digest of the body that came with it."""

    key: str
    request_digest: bytes
