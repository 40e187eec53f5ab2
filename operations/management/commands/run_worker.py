import os

from django.core.management.base import BaseCommand

from operations.serving.supervisor import worker_command


class Command(BaseCommand):
    help = "Run the background worker alone, as systemd and containers do."

    def handle(self, *args: object, **options: object) -> None:
        command = worker_command()
        os.execv(command[0], command)  # noqa: S606  # our own command line
