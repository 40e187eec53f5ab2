"""The web server: granian, which forks its workers from a process that has loaded Foyer."""

import asyncio
import gc
import multiprocessing
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import connection
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from core.models import close_all_connections
from operations.serving.asgi import ThreadedWSGI
from operations.serving.cached_responses import find_cached_response
from operations.serving.libc import limit_malloc_memory, set_parent_death_signal
from operations.serving.listening import ip_address, require_free_port
from operations.serving.supervisor import SHUTDOWN_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# An idle connection stays open for longer than load balancers keep theirs (60 to 75 s): one that
# closes first turns a request that is under way into a 502. The same time limits slow headers.
KEEP_ALIVE_SECONDS = 90


def serve() -> None:
    """Until SIGTERM or SIGINT; requests at work are finished first. Raises ImproperlyConfigured."""
    require_free_port(shared=True)
    if settings.METRICS_TOKEN:
        # The files of earlier processes would be added up for ever.
        shutil.rmtree(settings.METRICS_DIR, ignore_errors=True)
        settings.METRICS_DIR.mkdir(parents=True)
    if sys.platform == "linux":
        # From Python 3.14 on not the default. A new worker is there at once, shares the memory of
        # what is loaded, and nothing that must not be forked runs before.
        multiprocessing.set_start_method("fork", force=True)
    _block_sigterm_across_fork()
    limit_malloc_memory()
    close_all_connections()
    # The collector writes into every object it looks at, which would give each worker a copy of its
    # own of all memory that it shares with this process.
    gc.collect()
    gc.freeze()
    Granian(
        settings.WSGI_APPLICATION,
        address=ip_address(),
        port=settings.PORT,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=KEEP_ALIVE_SECONDS * 1000),
        websockets=False,
        loop=Loops.uvloop,
        workers=settings.WEB_WORKERS,
        workers_kill_timeout=SHUTDOWN_TIMEOUT_SECONDS,
        respawn_failed_workers=True,
        # Its access log would hold the tokens of the pages' paths; Foyer logs requests itself.
        log_level=LogLevels.error,
        log_access=False,
    ).serve(target_loader=_init_worker, wrap_loader=False)


def _block_sigterm_across_fork() -> None:
    """SIGTERM is blocked in a new worker, so that none is lost before granian handles it."""
    os.register_at_fork(before=_block_sigterm, after_in_parent=_unblock_sigterm)


def _block_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _unblock_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _init_worker() -> ThreadedWSGI:
    """What a worker does first, in its own process."""
    set_parent_death_signal()
    _block_sigterm()  # where workers are not forked
    # Ctrl-C reaches the worker too, but its parent stops it: granian hangs when it is told twice.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    # The loop runs once granian handles signals.
    asyncio.get_event_loop().call_soon(_unblock_sigterm)
    return ThreadedWSGI(
        get_internal_wsgi_application(),
        cached=find_cached_response(),
        # PostgreSQL groups commits of many connections.
        is_small_write=_writes_a_play if connection.vendor == "sqlite" else None,
    )


def _writes_a_play(environ: "WSGIEnvironment") -> bool:
    path: str = environ["PATH_INFO"]
    return path.startswith("/playsessions") and environ["REQUEST_METHOD"] in ("POST", "PATCH")
