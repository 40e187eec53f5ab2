"""Reading a token that was read before."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from users.sessions.tokens import InvalidTokenError, read_token, signed_token


def access_token(*, seconds: int) -> str:
    """Good for `seconds`."""
    now = datetime.now(UTC)
    return signed_token(
        "access",
        session_id=uuid4(),
        user_id=1,
        issued_at=now,
        expires_at=now + timedelta(seconds=seconds),
        token_id="an id",
    )


def test_expires_all_the_same() -> None:
    token = access_token(seconds=1)
    assert read_token(token, "access") == read_token(token, "access")

    time.sleep(1.1)

    with pytest.raises(InvalidTokenError):
        read_token(token, "access")


def test_keeps_its_type() -> None:
    token = access_token(seconds=60)
    read_token(token, "access")

    with pytest.raises(InvalidTokenError):
        read_token(token, "refresh")
