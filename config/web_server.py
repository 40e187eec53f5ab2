"""The web server: granian, which forks its workers from a process that has loaded Foyer."""

import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from django.conf import settings
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from config.libc import end_with_parent, share_memory_between_threads
from config.persistence import leave_databases
from config.processes import GRACE_SECONDS
from config.wsgi import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Of one web process: as many clients may send half a body and fall silent (config.receiving).
THREADS = 256


def serve() -> None:
    """Until SIGTERM or SIGINT; requests at work are finished first."""
    if settings.METRICS_TOKEN:
        # The files of earlier processes would be added up for ever.
        shutil.rmtree(settings.METRICS_DIR, ignore_errors=True)
        settings.METRICS_DIR.mkdir(parents=True)
    if sys.platform == "linux":
        # From Python 3.14 on not the default. A new worker is there at once, shares the memory of
        # what is loaded, and nothing that must not be forked runs before.
        multiprocessing.set_start_method("fork", force=True)
    _keep_stop_signals_over_forks()
    share_memory_between_threads()
    leave_databases()
    Granian(
        "config.wsgi:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.WEB_WORKERS,
        blocking_threads=THREADS,
        workers_kill_timeout=GRACE_SECONDS,
        respawn_failed_workers=True,
        # It warns of so many threads; what it has to say at a crash is an error. Its access log
        # would hold the tokens of the pages' paths; Foyer logs requests itself.
        log_level=LogLevels.error,
        log_access=False,
    ).serve(target_loader=_begin_worker, wrap_loader=False)


def _keep_stop_signals_over_forks() -> None:
    """SIGTERM is blocked in a new worker, so that none is lost before somebody waits for it."""
    os.register_at_fork(before=_block_stop_signal, after_in_parent=_unblock_stop_signal)


def _block_stop_signal() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _unblock_stop_signal() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _begin_worker() -> "WSGIApplication":
    """What a worker does first, in its own process."""
    end_with_parent()
    _block_stop_signal()  # where workers are not forked
    threading.Thread(target=_stop_when_told, name="stop", daemon=True).start()
    return application


def _stop_when_told() -> None:
    """Call granian's handler until it is heeded: a stop that comes while a worker starts would be
    forgotten, and the parent wait for the worker's end until it loses patience."""
    signal.sigwait({signal.SIGTERM})
    while True:
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler):
            handler(signal.SIGTERM, None)
        time.sleep(0.1)
