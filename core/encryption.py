"""Secrets at rest, encrypted with keys that are not in the database (`CREDENTIAL_KEYS`)."""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models


class Unreadable(Exception):
    """None of CREDENTIAL_KEYS decrypts it."""


class EncryptedTextField(models.TextField[Any, Any]):
    """What `encrypted()` returned. Loading a row decrypts nothing; the class marks the column for
    `rotate_all()`."""

    def deconstruct(self) -> Any:
        # A text column to the database: marking one needs no migration.
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


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


def rotate_all() -> tuple[int, int]:
    """Encrypt every EncryptedTextField again with the first key: how many values, and how many no
    key could read. What is stored while this runs is encrypted with the first key already."""
    outcomes = [
        _rotate_value(model, pk, field.attname, stored)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
        for pk, stored in model._default_manager.values_list("pk", field.attname).iterator()
        if stored
    ]
    return outcomes.count(True), outcomes.count(False)


def _rotate_value(model: type[models.Model], pk: Any, column: str, stored: str) -> bool:
    try:
        value = rotated(stored)
    except Unreadable:
        return False
    # Only what was read: a newer secret must not be replaced by this one.
    model._default_manager.filter(pk=pk, **{column: stored}).update(**{column: value})
    return True


def _keys() -> MultiFernet:
    """The first key encrypts, all decrypt. Fernet wants 32 bytes, so each key is hashed to them;
    the settings reject weak ones."""
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
            for key in settings.CREDENTIAL_KEYS
        ]
    )
