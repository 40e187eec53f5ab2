"""`manage.py install_cron`: the daily runs in the crontab of this user, by django-crontab."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_crontab.crontab import Crontab

from core import env


def _is_ours(line: str) -> bool:
    """Not that of another installation in the same crontab; one whose program is gone was moved."""
    if not line.rstrip().endswith(f"# {settings.CRONTAB_COMMENT}"):
        return False
    program = line.partition(" crontab run ")[0].rpartition(" ")[2]
    return program == settings.CRONTAB_DJANGO_MANAGE_PATH or not Path(program).exists()


class _Crontab(Crontab):  # type: ignore[misc]  # has no types
    crontab_lines: list[str]

    def remove_jobs(self) -> None:
        self.crontab_lines = [line for line in self.crontab_lines if not _is_ours(line)]


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
        if action != "show":
            with _Crontab(verbosity=0) as crontab:
                crontab.remove_jobs()
                if action == "add":
                    crontab.add_jobs()
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
        return [line for line in listed.stdout.splitlines() if _is_ours(line)]

    def _explain_environment(self) -> None:
        self.stdout.write("The cron daemon has to run; it goes by the time zone of this machine.")
        if missing := env.set_outside_of(settings.BASE_DIR / ".env"):
            self.stdout.write(
                "Cron starts with an empty environment and reads .env, which lacks what is set"
                f" here: {', '.join(missing)}."
            )
