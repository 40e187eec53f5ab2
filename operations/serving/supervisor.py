"""The programs that make up a running installation, and a small supervisor for one machine."""

import logging
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from django.conf import settings

from operations.serving.libc import MALLOC_TUNABLES, set_parent_death_signal

logger = logging.getLogger(__name__)

# A request may wait 20 s for SQLite's write lock; a stop lets it finish.
SHUTDOWN_TIMEOUT_SECONDS = 25
# A program that dies sooner than this after its start would only die again.
MIN_UPTIME_SECONDS = 5.0


def web_command() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_web"]


def worker_command() -> list[str]:
    return [
        *(sys.executable, str(settings.BASE_DIR / "manage.py"), "run_huey", "--quiet"),
        # Every supervisor stops its programs by SIGTERM: let the running task finish.
        *("--graceful-signal", "TERM", "--shutdown-timeout", str(SHUTDOWN_TIMEOUT_SECONDS)),
    ]


class Supervisor:
    """Runs programs side by side, starts again what crashed, stops all when told to stop."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self._commands = commands
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started_at: dict[str, float] = {}
        self._stopping_since: float | None = None

    def run(self) -> int:
        """The exit status: 0 when told to stop by a signal, 1 when a program cannot be kept up."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._on_signal)
        status = 0
        for name in self._commands:
            self._start(name)
        while self._children:
            time.sleep(0.1)
            for name, child in list(self._children.items()):
                if child.poll() is not None and not self._handle_end(name, child.returncode):
                    status = 1
            if (
                self._stopping_since
                and time.monotonic() - self._stopping_since > SHUTDOWN_TIMEOUT_SECONDS + 5
            ):
                for child in self._children.values():
                    child.kill()
        return status

    def _start(self, name: str) -> None:
        # In a terminal Ctrl-C reaches the whole process group. The programs are to hear of it once,
        # as SIGTERM from here; a blocked signal stays blocked in what is started meanwhile.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._children[name] = subprocess.Popen(  # noqa: S603  # our own command lines
                self._commands[name],
                env={"GLIBC_TUNABLES": MALLOC_TUNABLES} | os.environ,
                preexec_fn=set_parent_death_signal,  # noqa: PLW1509  # nothing here has threads
            )
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        self._started_at[name] = time.monotonic()

    def _handle_end(self, name: str, returncode: int) -> bool:
        """False when the end was not asked for and another start would not help."""
        del self._children[name]
        if self._stopping_since:
            return True
        if time.monotonic() - self._started_at[name] < MIN_UPTIME_SECONDS:
            logger.error(
                "The %s program ended at once (exit status %s): see above.", name, returncode
            )
            self._stop()
            return False
        logger.error("The %s program ended (exit status %s); starting it again.", name, returncode)
        self._start(name)
        return True

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()
            for child in self._children.values():
                child.terminate()
