from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from core.locks import exclusive_lock

# A change to a table queues behind whoever uses it, and everybody else behind the change. Sooner
# than that it gives up, and the migration is started again at a better moment.
LOCK_TIMEOUT_SECONDS = 5


class Command(migrate.Command):
    """Django's, beside running code: one at a time, without a time limit for its work but with one
    for what it makes others wait."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with exclusive_lock("prepare", using=connection.alias):
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
            super().handle(*args, **options)
