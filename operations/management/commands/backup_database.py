import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from operations.backups import BackupDamaged, back_up


class Command(BaseCommand):
    help = (
        "Copy the live SQLite database to FILE: whole, checked, and in place of an older FILE only "
        "once it is complete. PostgreSQL has pg_dump."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("This is for SQLite. For PostgreSQL: pg_dump --format=custom.")
        database = Path(connection.settings_dict["NAME"])
        if not database.is_file():
            raise CommandError(f"There is no database at {database} yet.")
        # Not a device either: it would be replaced by the file.
        is_other = file.exists() and not file.is_file()
        if is_other or not file.name or file.resolve() == database.resolve():
            raise CommandError(f"{file} cannot be the name of the backup.")
        try:
            size = back_up(database, file)
        except (BackupDamaged, sqlite3.Error) as error:
            raise CommandError(f"No backup was made: {error}") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{file}: {size / 1_000_000:.1f} MB, checked.")
