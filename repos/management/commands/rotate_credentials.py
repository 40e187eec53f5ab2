"""`manage.py rotate_credentials`: after a new key was put first in CREDENTIAL_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from repos.credentials.services import rotate_credentials


class Command(BaseCommand):
    help = (
        "Encrypt all stored GitHub credentials anew with the first of CREDENTIAL_KEYS, so that the"
        " other keys can be removed. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rotated, unreadable = rotate_credentials()
        self.stdout.write(f"{rotated} rotated, {unreadable} not readable with any key")
