"""The tables of accounts."""

from users.models.known_ip import KnownIP
from users.models.password_reset import PasswordReset
from users.models.rate_limit import RateLimit
from users.models.session import Session
from users.models.session_epoch import SessionEpoch
from users.models.user import Gender, User

__all__ = [
    "Gender",
    "KnownIP",
    "PasswordReset",
    "RateLimit",
    "Session",
    "SessionEpoch",
    "User",
]
