"""Signing and reading JWTs. What they grant is decided by the session they name."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

import jwt
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

TokenType = Literal["access", "refresh"]

ALGORITHM = "HS256"
_LONGEST_TOKEN = 4096
_TOKENS_KNOWN = 2048
# How far the clock of another server may be ahead of this one's.
_CLOCK_DIFFERENCE = timedelta(seconds=10)


class InvalidTokenError(Exception):
    """Malformed, not ours, expired, or of another type."""


class TokenClaims(NamedTuple):
    session_id: UUID
    user_id: int
    token_id: str
    expires_at: datetime


class KeyRing:
    """Signs with the first key and accepts the others; `kid` (RFC 7515 §4.1.4) tells which signed.

    It only picks among our own keys: nothing is ever fetched or trusted because of it.
    """

    def __init__(self, keys: list[str]) -> None:
        self._backends = {
            _key_id(key): TokenBackend(
                ALGORITHM,
                key,
                audience=settings.JWT_AUDIENCE,
                issuer=settings.JWT_ISSUER,
                leeway=_CLOCK_DIFFERENCE,
            )
            for key in keys
        }
        self._signing_key_id = _key_id(keys[0])
        # A client sends the same token again and again.
        self._verified = lru_cache(maxsize=_TOKENS_KNOWN)(self._verify)

    def sign(self, claims: dict[str, Any]) -> str:
        backend = self._backends[self._signing_key_id]
        return jwt.encode(
            claims | {"iss": backend.issuer, "aud": backend.audience},
            backend.prepared_signing_key,
            algorithm=ALGORITHM,
            headers={"kid": self._signing_key_id},
        )

    def read(self, token: str, token_type: TokenType) -> TokenClaims:
        """Raises InvalidTokenError."""
        if len(token) > _LONGEST_TOKEN:
            raise InvalidTokenError
        try:
            actual_type, claims = self._verified(token)
        except (
            *(jwt.InvalidTokenError, TokenBackendError),
            *(KeyError, ValueError, TypeError, AttributeError, OverflowError, OSError),
        ) as error:
            raise InvalidTokenError from error
        # A signature stays good; time goes on. To the second, without the leeway of the library.
        if actual_type != token_type or claims.expires_at <= timezone.now():
            raise InvalidTokenError
        return claims

    def _verify(self, token: str) -> tuple[Any, TokenClaims]:
        key_id = jwt.get_unverified_header(token).get("kid")
        claims = self._backends[str(key_id)].decode(token)  # type: ignore[arg-type]  # the stub names its own class
        return claims["token_type"], TokenClaims(
            UUID(hex=claims["sid"]),
            int(claims["sub"]),
            str(claims["jti"]),
            datetime.fromtimestamp(int(claims["exp"]), UTC),
        )


def _key_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


key_ring = KeyRing(settings.JWT_SIGNING_KEYS)


def signed_token(
    token_type: TokenType,
    *,
    session_id: UUID,
    user_id: int,
    issued_at: datetime,
    expires_at: datetime,
    token_id: str,
) -> str:
    """The same arguments give the same string."""
    return key_ring.sign(
        {
            "token_type": token_type,
            "sub": str(user_id),
            "sid": session_id.hex,
            "jti": token_id,
            "iat": int(issued_at.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
    )


def read_token(token: str, token_type: TokenType) -> TokenClaims:
    """Raises InvalidTokenError."""
    return key_ring.read(token, token_type)
