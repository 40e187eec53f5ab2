"""Runs `fetch_traffic` again and again without loading Django for each: `python -m
tests.system.forked_fetches`.

A line of standard input is the number of seconds after which the run is killed. The line that comes
back is its exit status, -9 when it was killed.
"""

import os
import signal
import sys
import time

import django
from django.core.management import call_command

POLL_SECONDS = 0.001


def fetch() -> int:
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  # to the end of the process
    try:
        call_command("fetch_traffic")
    except SystemExit as exit_:
        return int(exit_.code or 0)
    return 0


def forked(seconds: float) -> int:
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = fetch()
        finally:
            os._exit(status)
    deadline = time.monotonic() + seconds
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        sys.stdout.write(f"{forked(float(line))}\n")
        sys.stdout.flush()
