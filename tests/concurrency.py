"""Many calls at one instant, and rows that are gone when somebody comes back to them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
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
