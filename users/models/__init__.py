"""The tables of accounts."""

from users.models.session import Session
from users.models.user import Gender, User

__all__ = ["Gender", "Session", "User"]
