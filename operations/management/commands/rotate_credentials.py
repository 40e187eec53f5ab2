"""`manage.py rotate_credentials`: after a new key was put first in CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from core.encryption import rotate_all


class Command(BaseCommand):
    help = (
        "Encrypt all stored secrets (GitHub credentials, second factors) again with the first of"
        " CREDENTIAL_KEYS, so that the other keys can be removed. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rotated, unreadable = rotate_all()
        self.stdout.write(f"{rotated} rotated, {unreadable} not readable with any key")
