"""Reading a token that was read before."""

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from users.sessions.tokens import InvalidTokenError, read_token, signed_token


def test_expires_all_the_same() -> None:
    now = datetime.now(UTC)
    token = signed_token(
        "access",
        session_id=uuid4(),
        user_id=1,
        issued_at=now,
        expires_at=now + timedelta(seconds=1),
        token_id="an id",
    )
    assert read_token(token, "access") == read_token(token, "access")

    time.sleep(1.1)

    with pytest.raises(InvalidTokenError):
        read_token(token, "access")


def test_keeps_its_type() -> None:
    now = datetime.now(UTC)
    token = signed_token(
        "access",
        session_id=uuid4(),
        user_id=1,
        issued_at=now,
        expires_at=now + timedelta(minutes=1),
        token_id="an id",
    )
    read_token(token, "access")

    with pytest.raises(InvalidTokenError):
        read_token(token, "refresh")
