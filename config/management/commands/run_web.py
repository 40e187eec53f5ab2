import os

from django.core.management.base import BaseCommand

from config.processes import web_command, web_environment


class Command(BaseCommand):
    help = "Run the web server alone, as systemd and containers do."

    def handle(self, *args: object, **options: object) -> None:
        command = web_command()
        os.execve(command[0], command, web_environment())  # noqa: S606  # our own command line
