"""A client that says what it was answered, and tries again elsewhere when it was not."""

import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests

from benchmarks.chaos.programs import WebProgram

RETRY_SECONDS = 0.2
GIVE_UP_SECONDS = 90.0


@dataclass
class Tally:
    """What all clients saw."""

    answers: Counter[int] = field(default_factory=Counter)
    # Open requests of a killed process, calls while it was not there, and what no kill explains.
    broken_off: int = 0
    refused: int = 0
    unexplained: list[str] = field(default_factory=list)
    server_errors: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, response: requests.Response, seconds: float) -> None:
        with self._lock:
            self.answers[response.status_code] += 1
            self.seconds.append(seconds)
            if response.status_code >= 500:
                self.server_errors.append(
                    f"{response.status_code} {response.request.method} {response.url}"
                )

    def note_failure(self, error: Exception, web: WebProgram, since: float) -> None:
        with self._lock:
            if not web.was_down(since, time.monotonic()):
                self.unexplained.append(f"{web.name}: {error}")
            elif "refused" in str(error):
                self.refused += 1
            else:
                self.broken_off += 1


class Client:
    """One thread's. Calls go to the web processes in turn, as a proxy would send them."""

    def __init__(self, webs: list[WebProgram], tally: Tally) -> None:
        self._turns = itertools.cycle(webs)
        self._tally = tally
        self._session = requests.Session()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """The first answer. Calls are safe to repeat: each write says the same when sent again."""
        began_at = time.monotonic()
        while time.monotonic() - began_at < GIVE_UP_SECONDS:
            web, since = next(self._turns), time.monotonic()
            try:
                response = self._session.request(method, web.url + path, timeout=60, **options)
            except requests.RequestException as error:
                self._tally.note_failure(error, web, since)
                time.sleep(RETRY_SECONDS)
                continue
            self._tally.note(response, time.monotonic() - since)
            if response.status_code < 500:
                return response
            time.sleep(RETRY_SECONDS)
        raise RuntimeError(f"{method} {path}: no answer in {GIVE_UP_SECONDS} seconds")
