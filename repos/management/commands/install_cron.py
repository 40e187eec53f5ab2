"""`manage.py install_cron`: the daily runs in the crontab of this user, by django-crontab."""

import shutil
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import env


class Command(BaseCommand):
    help = "Add the daily runs to the crontab of this user, show them, or remove them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["add", "show", "remove"], nargs="?", default="add")

    def handle(self, *args: Any, **options: Any) -> None:
        # django-crontab itself reports success where there is no such program.
        if shutil.which(settings.CRONTAB_EXECUTABLE) is None:
            raise CommandError(
                "There is no crontab program here. Install cron (Debian: apt install cron), or use"
                " the systemd timer in docs/traffic.md."
            )
        action = options["action"]
        if action == "add":
            self._refuse_unfit_path()
            call_command("crontab", "add", verbosity=0)
        elif action == "remove":
            call_command("crontab", "remove", verbosity=0)
        entries = self._entries()
        if action != "show" and bool(entries) == (action == "remove"):
            raise CommandError(
                f"The crontab could not be changed; try {settings.CRONTAB_EXECUTABLE} -l."
            )
        self.stdout.write("\n".join(entries) or "No entry of Foyer in this crontab.")
        if action == "add":
            self._explain_environment()

    def _refuse_unfit_path(self) -> None:
        for path in (settings.CRONTAB_DJANGO_MANAGE_PATH, sys.executable, str(settings.DATA_DIR)):
            if set(path) & set(" %\t'\"\\$"):
                raise CommandError(
                    f"{path} has characters that a crontab cannot hold: use a path without spaces,"
                    " quotes, dollar and percent signs, or the systemd timer in docs/traffic.md."
                )

    def _entries(self) -> list[str]:
        listed = subprocess.run(  # noqa: S603  # the operator's own program
            [settings.CRONTAB_EXECUTABLE, "-l"], capture_output=True, text=True, check=False
        )
        ending = f"# {settings.CRONTAB_COMMENT}"
        return [line for line in listed.stdout.splitlines() if line.endswith(ending)]

    def _explain_environment(self) -> None:
        self.stdout.write("The cron daemon has to run; it goes by the time zone of this machine.")
        if missing := env.set_outside_of(settings.BASE_DIR / ".env"):
            self.stdout.write(
                "Cron starts with an empty environment and reads .env, which lacks what is set"
                f" here: {', '.join(missing)}."
            )
