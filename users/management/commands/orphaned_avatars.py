from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from users.avatars import services as avatars

TEN_YEARS_IN_MINUTES = 10 * 366 * 24 * 60


class Command(BaseCommand):
    help = (
        "List stored pictures that belong to no account, as a crash may leave them. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="remove them")
        parser.add_argument(
            "--older-than-minutes",
            type=int,
            default=60,
            help="leave younger files alone, whose account may not be stored yet (60)",
        )

    def handle(
        self, *args: object, delete: bool, older_than_minutes: int, **options: object
    ) -> None:
        if not 0 <= older_than_minutes <= TEN_YEARS_IN_MINUTES:
            raise CommandError(f"--older-than-minutes must be from 0 to {TEN_YEARS_IN_MINUTES}.")
        before = timezone.now() - timedelta(minutes=older_than_minutes)
        count = 0
        for path in avatars.orphaned_files(before=before):
            self.stdout.write(path)
            if delete:
                avatars.remove_orphan(path)
            count += 1
        plural = "" if count == 1 else "s"
        self.stdout.write(f"{count} orphaned picture{plural}{', deleted' if delete else ''}.")
