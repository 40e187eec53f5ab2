"""The web server: granian, which forks its workers from a process that has loaded Foyer."""

import multiprocessing
import shutil
import signal
import sys
from typing import TYPE_CHECKING

from django.conf import settings
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from config.persistence import leave_databases
from config.processes import GRACE_SECONDS, end_with_parent
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


def _begin_worker() -> "WSGIApplication":
    """What a worker does first, in its own process."""
    # The parent's handler came along with the fork: until the worker has its own, it would only
    # note the signal, and the parent would wait for its end in vain.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()
    return application
