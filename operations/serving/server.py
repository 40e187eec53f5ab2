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
from django.core.servers.basehttp import get_internal_wsgi_application
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from core.models import close_all_connections
from operations.serving.libc import limit_malloc_arenas, set_parent_death_signal
from operations.serving.supervisor import SHUTDOWN_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Per web process: as many clients may send half a body and fall silent (request_buffering).
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
    _block_sigterm_across_fork()
    limit_malloc_arenas()
    close_all_connections()
    Granian(
        settings.WSGI_APPLICATION,
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.WEB_WORKERS,
        blocking_threads=THREADS,
        workers_kill_timeout=SHUTDOWN_TIMEOUT_SECONDS,
        respawn_failed_workers=True,
        # It warns of so many threads; what it has to say at a crash is an error. Its access log
        # would hold the tokens of the pages' paths; Foyer logs requests itself.
        log_level=LogLevels.error,
        log_access=False,
    ).serve(target_loader=_init_worker, wrap_loader=False)


def _block_sigterm_across_fork() -> None:
    """SIGTERM is blocked in a new worker, so that none is lost before somebody waits for it."""
    os.register_at_fork(before=_block_stop_signal, after_in_parent=_unblock_stop_signal)


def _block_stop_signal() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _unblock_stop_signal() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _init_worker() -> "WSGIApplication":
    """What a worker does first, in its own process."""
    set_parent_death_signal()
    _block_stop_signal()  # where workers are not forked
    threading.Thread(target=_wait_for_sigterm, name="stop", daemon=True).start()
    return get_internal_wsgi_application()


def _wait_for_sigterm() -> None:
    """Call granian's handler until it is heeded: a stop that comes while a worker starts would be
    forgotten, and the parent wait for the worker's end until it loses patience."""
    signal.sigwait({signal.SIGTERM})
    while True:
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler):
            handler(signal.SIGTERM, None)
        time.sleep(0.1)
