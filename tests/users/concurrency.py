"""Real servers on the database of the test, for what only several processes can show."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection

from tests.concurrency import at_once as all_at_once
from tests.system.installation import Installation
from tests.task_queue import empty_queue

_T = TypeVar("_T")


@contextmanager
def server(data_dir: Path, command: str = "run_web", **variables: str) -> Iterator[Installation]:
    """A running web server of two processes. Several in one `data_dir` are one installation."""
    data_dir.mkdir(exist_ok=True)
    empty_queue()
    inherited = {"REDIS_URL": os.environ.get("REDIS_URL", ""), "RATE_LIMIT_RESET": "off"}
    installation = Installation(
        data_dir, **{"DATABASE_URL": _test_database_url(), **inherited, **variables}
    )
    with installation.running(command):
        yield installation


def at_once(count: int, call: Callable[[int], _T]) -> list[_T]:
    """`call(0)` … `call(count - 1)`, all let go at one instant."""
    return all_at_once([partial(call, number) for number in range(count)])


def _test_database_url() -> str:
    values: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    password = f":{values['PASSWORD']}" if values["PASSWORD"] else ""
    host = values["HOST"] or "127.0.0.1"
    port = values["PORT"] or 5432
    return f"postgres://{values['USER']}{password}@{host}:{port}/{values['NAME']}"
