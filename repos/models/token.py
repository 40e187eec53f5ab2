"""Tokens of the traffic API and of its pages. Only digests are kept."""

import hashlib
import re
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

TOKEN_PATTERN = "[0-9a-f]{32}"  # noqa: S105  # a form, no secret


def new_token() -> str:
    """128 random bits, in hex."""
    return secrets.token_hex(16)


def is_token(text: str) -> bool:
    """Whether `text` has the form of a token."""
    return re.fullmatch(TOKEN_PATTERN, text) is not None


def digest_of(token: str) -> str:
    """SHA-256 in hex. Enough for 128 random bits: there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


class _Token(models.Model):
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class ApiToken(_Token):
    """Opens everything under `/api/` and the pages of its user."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_token"
    )

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"API token of {self.user}"


class ShareToken(_Token):
    """Opens the pages of its user and nothing else."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_token"
    )

    def __str__(self) -> str:
        return f"share token of {self.user}"
