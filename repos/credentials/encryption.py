"""Credentials at rest, encrypted with keys that are not in the database."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """None of CREDENTIAL_KEYS decrypts it."""


def encrypted(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def decrypted(stored: str) -> str:
    """Raises Unreadable when the key is gone."""
    try:
        return _keys().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def rotated(stored: str) -> str:
    """The same secret under the newest key. Raises Unreadable."""
    try:
        return _keys().rotate(stored.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _keys() -> MultiFernet:
    """The first key encrypts, all decrypt. Fernet wants 32 bytes, so each key is hashed to them;
    the settings refuse weak ones."""
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
            for key in settings.CREDENTIAL_KEYS
        ]
    )
