from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from operations.sqlite_to_postgresql import CopyError, copy_all, open_source


class Command(BaseCommand):
    help = (
        "Fill the empty PostgreSQL database of DATABASE_URL with everything in an SQLite database, "
        "compare every row, and continue its ids. All or nothing; the file stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the SQLite database, var/foyer.sqlite3")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("DATABASE_URL must name the PostgreSQL database to fill.")
        try:
            open_source(file)
            call_command("migrate", interactive=False, verbosity=0)
            rows = copy_all(report=self.stdout.write)
        except CopyError as error:
            raise CommandError(f"Nothing was copied. {error}") from error
        self.stdout.write(f"{rows} rows copied and compared.")
