"""Many calls at one instant, clients that go on while something happens, and rows that are gone
when somebody comes back to them."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier, Event, Thread
from typing import Any, Self

import pytest
from django.db import connection


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The responses of `calls`, which set off together, each in a thread with a connection of its
    own. Threads see only what is committed."""
    barrier = Barrier(len(calls))

    def made(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(made, calls))


def run_after(
    monkeypatch: pytest.MonkeyPatch, target: Any, name: str, happening: Callable[[], object]
) -> None:
    """What somebody else does once, right after `target.name` was called."""
    original = getattr(target, name)
    happened: list[bool] = []

    def called(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if not happened:
            happened.append(True)
            happening()
        return result

    monkeypatch.setattr(target, name, called)


@contextmanager
def locked_by_another_program() -> Iterator[None]:
    """SQLite's database file, by one that does not stand in Foyer's line of writers."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        yield


class BackgroundClients:
    """Clients, each in a thread of its own, that `work` until `stopped` is set."""

    def __init__(self, clients: int) -> None:
        self.stopped = Event()
        self._threads = [Thread(target=self.work, args=(number,)) for number in range(clients)]

    def work(self, number: int) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self._threads:
            thread.join()


class CountingClients(BackgroundClients):
    """Clients that count which of their requests succeed, and keep what the others came to."""

    def __init__(self, clients: int) -> None:
        self.succeeded = 0
        self.failed: list[object] = []
        super().__init__(clients)

    def wait_for(self, more: int) -> None:
        target = self.succeeded + more
        assert wait_until(lambda: self.succeeded >= target), self.failed[:5]


def wait_until(reached: Callable[[], bool], *, seconds: float = 60) -> bool:
    """Whether it was `reached` in time."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True
