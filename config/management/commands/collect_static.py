from typing import Any

from django.core.management.base import BaseCommand

from config.static_files import collect_if_changed


class Command(BaseCommand):
    help = "Collect the static files into STATIC_ROOT, if any changed."

    def handle(self, **options: Any) -> None:
        self.stdout.write("Collected." if collect_if_changed() else "Nothing changed.")
