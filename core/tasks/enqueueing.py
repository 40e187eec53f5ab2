"""Handing work to the background worker."""

import logging
import threading
from typing import Any

from django.db import connections, transaction
from huey.api import TaskWrapper

_log = logging.getLogger("foyer.background")


def enqueue_on_commit(task: TaskWrapper, *arguments: Any) -> None:
    """Queue `task` once the present transaction is stored, and not at all if it never is."""
    transaction.on_commit(lambda: enqueue(task, *arguments))


def enqueue(task: TaskWrapper, *arguments: Any) -> None:
    """Queue `task` for the worker.

    A queue that cannot be reached loses no work: this process then does it by itself, beside the
    request, without the retries that the worker would make.
    """
    try:
        task(*arguments)
    except Exception:  # noqa: BLE001  # each kind of queue raises its own, and none may fail a request
        name = task.func.__name__
        _log.warning("the task queue cannot be reached; %s runs here", name, exc_info=True)
        threading.Thread(target=_run, args=(task, arguments), name=name, daemon=True).start()


def _run(task: TaskWrapper, arguments: tuple[Any, ...]) -> None:
    try:
        task.call_local(*arguments)
    except Exception:  # noqa: BLE001  # the end of the thread; the log says it all
        _log.exception("%s failed", task.func.__name__)
    finally:
        connections.close_all()
