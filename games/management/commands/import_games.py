from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils import timezone
from tqdm import tqdm

from games.catalogue.importing import import_catalogue
from games.catalogue.parser import InvalidCatalogue, read_csv, read_json

READERS = {".csv": read_csv, ".json": read_json}


class Command(BaseCommand):
    help = (
        "Import games from a CSV file with the columns name,genre,released (a year, or nothing), "
        'or from a JSON array of objects like {"name": "Tetris", "genre": "Puzzle", "released": '
        "1985}. Known games are updated, never doubled; the year tells two of one name apart. "
        "One bad line, and nothing is imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv|json")

    def handle(self, *, file: Path, **options: Any) -> None:
        read = READERS.get(file.suffix.lower())
        if read is None:
            raise CommandError(f"The name of {file} must end in .csv or .json.")
        try:
            entries = read(file.read_bytes(), today=timezone.now().date())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except InvalidCatalogue as error:
            raise CommandError(f"Nothing was imported from {file}:\n{error}") from error
        # `disable=None`: no bar where nobody watches.
        with tqdm(total=len(entries), unit=" games", disable=None) as bar:
            try:
                summary = import_catalogue(entries, progress=bar.update)
            except InvalidCatalogue as error:
                raise CommandError(f"Nothing was imported from {file}:\n{error}") from error
            except IntegrityError as error:
                raise CommandError(
                    "Nothing was imported: somebody changed the catalogue meanwhile. Try again."
                ) from error
        self.stdout.write(
            f"{len(entries)} games: {summary.created} created, {summary.updated} updated, "
            f"{summary.unchanged} unchanged; {summary.genres_created} genres created."
        )
