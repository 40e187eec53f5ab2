import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from operations.doctor import Verdict, run_doctor_checks


class Command(BaseCommand):
    help = "Examine this installation, one line a subject. Exit status 1 when something is bad."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        style: dict[Verdict, Callable[[str], str]] = {
            Verdict.OK: self.style.SUCCESS,
            Verdict.WARNING: str,
            Verdict.ERROR: self.style.ERROR,
        }
        bad = False
        for verdict, subject, message in run_doctor_checks():
            bad |= verdict is Verdict.ERROR
            self.stdout.write(f"{style[verdict](f'{verdict:<7}')}  {subject:<10}  {message}")
        sys.exit(int(bad))
