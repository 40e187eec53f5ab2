import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import Verdict, examine


class Command(BaseCommand):
    help = "Examine this installation, one line a subject. Exit status 1 when something is bad."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        style: dict[Verdict, Callable[[str], str]] = {
            Verdict.FINE: self.style.SUCCESS,
            Verdict.NOTE: str,
            Verdict.BAD: self.style.ERROR,
        }
        bad = False
        for verdict, subject, sentence in examine():
            bad |= verdict is Verdict.BAD
            self.stdout.write(f"{style[verdict](f'{verdict:<4}')}  {subject:<10}  {sentence}")
        sys.exit(int(bad))
