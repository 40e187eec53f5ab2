"""People who sign up, join an organization and play, at a server whose database comes and goes."""

import itertools
import secrets
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import requests

from tests.concurrency import BackgroundClients, wait_until
from tests.system.installation import Installation


def set_up_with_a_game(foyer: Installation) -> None:
    catalogue = foyer.data_dir / "catalogue.csv"
    catalogue.write_text("name,genre\nTetris,Puzzle\n")
    for command in (("setup",), ("import_games", str(catalogue))):
        outcome = foyer.manage(*command, timeout=300)
        assert outcome.returncode == 0, outcome.stderr


def account(name: str) -> dict[str, str]:
    return {
        "username": name,
        "email": f"{name}@example.org",
        "password": "ten green bottles",
        "birthdate": "1990-05-17",
    }


def restart_in_turn(
    stack: ExitStack,
    foyers: Sequence[Installation],
    servers: Sequence["subprocess.Popen[bytes]"],
    *,
    then: Callable[[], object],
) -> None:
    """Ends each server gracefully and starts it anew in `stack`; `then` is called after each."""
    for foyer, server in zip(foyers, servers, strict=True):
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=40) == 0
        stack.enter_context(foyer.running("run_web"))
        then()


class Players(BackgroundClients):
    """They go on until told to stop. A response below 300 is an acknowledgement."""

    def __init__(self, foyer: Installation, *, clients: int = 4) -> None:
        self.responses: Counter[int | str] = Counter()
        self.users: list[int] = []
        self.plays: list[int] = []
        self.longest_pause_seconds = 0.0
        self._url = foyer.url
        self._acknowledged_at = time.monotonic()
        games = requests.get(f"{self._url}/games", timeout=60).json()
        self._game = games[0]["id"]
        self._series = secrets.token_hex(4)
        self._lock = threading.Lock()
        super().__init__(clients)

    def wait_for(self, more: int, *, seconds: float = 120) -> None:
        """Until so many plays more were acknowledged."""
        target = len(self.plays) + more
        assert wait_until(lambda: len(self.plays) >= target, seconds=seconds), self.responses

    def work(self, number: int) -> None:
        for attempt in itertools.count():
            name = f"player-{self._series}-{number}-{attempt}"
            person = self._post("/users", account(name))
            if person:
                self.users.append(person["id"])
                token = {"Authorization": f"Bearer {person['access']}"}
                for _ in range(3):
                    play = self._post("/playsessions", {"game": self._game}, token)
                    if play:
                        self.plays.append(play["id"])
                self._post("/organizations", {"name": name}, token)
            if self.stopped.is_set():
                return

    def _post(
        self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any] | None:
        try:
            response = requests.post(self._url + path, json=body, headers=headers, timeout=60)
        except requests.RequestException as error:
            self.responses[type(error).__name__] += 1
            return None
        self.responses[response.status_code] += 1
        if not response.ok:
            time.sleep(0.1)
            return None
        with self._lock:
            now = time.monotonic()
            self.longest_pause_seconds = max(
                self.longest_pause_seconds, now - self._acknowledged_at
            )
            self._acknowledged_at = now
        content: dict[str, Any] = response.json()
        return content
