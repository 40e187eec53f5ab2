import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from config.postman import collection_of, json_text


class Command(BaseCommand):
    help = "Write a Postman collection of the API as it is described in an OpenAPI file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("openapi", type=Path)
        parser.add_argument("collection", type=Path)

    def handle(self, *, openapi: Path, collection: Path, **options: object) -> None:
        description = json.loads(openapi.read_text(encoding="utf-8"))
        collection.write_text(json_text(collection_of(description)) + "\n", encoding="utf-8")
