from typing import Any

from django.contrib.auth.management.commands import createsuperuser


class Command(createsuperuser.Command):
    """Django's. The email address may be left out."""

    # By a constraint on Lower("username"), where Django does not look.
    username_is_unique = True

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["interactive"] and options["email"] is None:
            options["email"] = ""
        super().handle(*args, **options)
