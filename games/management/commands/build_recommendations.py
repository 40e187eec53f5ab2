import time
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from core.locks import try_lock
from games.recommendations.services import build_recommendations, work_count


class Command(BaseCommand):
    help = (
        "Find similar games, and games to recommend to each person, from everybody's plays; once a"
        " day is enough. When another run is under way, it exits with 0 at once. Safe to repeat and"
        " to kill: what was built before stays until it is replaced."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with try_lock("build_recommendations") as is_ours:
            if not is_ours:
                self.stdout.write("already running")
                return
            started = time.monotonic()
            # `disable=None`: no bar where nobody watches.
            with tqdm(total=work_count(), unit=" games and people", disable=None) as bar:
                summary = build_recommendations(progress=bar.update)
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{summary.games} games and {summary.people} people in {seconds:.1f} s"
            if summary.games
            else "Nobody has played yet: nothing to build."
        )
