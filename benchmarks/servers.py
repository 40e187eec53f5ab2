"""Web servers of a measurement: started on a free port, measured, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.serving.libc import MALLOC_TUNABLES

PROJECT = Path(__file__).resolve().parents[1]
WORKERS = 2
START_SECONDS = 60


class Server:
    def __init__(self, command: list[str], environment: dict[str, str], port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | environment,
            # Foyer's log lines are written like in production, and thrown away.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_until_it_answers(self, path: str) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.base + path, timeout=30):
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise SystemExit(f"{' '.join(self.process.args)} does not answer.")  # type: ignore[arg-type]  # a list of text

    def cpu_seconds(self) -> float:
        """Of all its processes so far; 0 where the system does not tell (not Linux)."""
        return sum(map(_cpu_seconds, process_tree(self.process.pid)))

    def kill(self) -> None:
        """By force and all at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


def process_tree(process_id: int) -> list[int]:
    """The process, and everything that it started."""
    found = [process_id]
    for parent in found:
        for children in Path("/proc").glob(f"{parent}/task/*/children"):
            found += map(int, children.read_text().split())
    return found


def _cpu_seconds(process_id: int) -> float:
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def foyer(data_dir: Path) -> Iterator[Server]:
    """As `make run` starts it, without the background worker."""
    port = free_port()
    environment = {"PORT": str(port), "WEB_WORKERS": str(WORKERS), "DATA_DIR": str(data_dir)}
    environment |= {"GLIBC_TUNABLES": MALLOC_TUNABLES, "RATE_LIMIT_LOGIN": "off"}
    command = [sys.executable, "manage.py", "run_web"]
    with _running(Server(command, environment, port), "/healthz") as server:
        yield server


@contextmanager
def floor(data_dir: Path, key: str) -> Iterator[Server]:
    port = free_port()
    options = f"--interface wsgi --http 1 --port {port} --workers {WORKERS} --blocking-threads 2"
    command = [sys.executable, "-m", "granian", *options.split(), "benchmarks.baseline:application"]
    environment = {"DATA_DIR": str(data_dir), "FLOOR_KEY": key}
    with _running(Server(command, environment, port), "/games/1") as server:
        yield server


@contextmanager
def github_stand_in(module: str, count: int) -> Iterator[str]:
    """The address of `python -m MODULE serve COUNT`, which prints it, and serves until its standard
    input closes."""
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module, "serve", str(count)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait(timeout=60)


@contextmanager
def _running(server: Server, path: str) -> Iterator[Server]:
    try:
        server.wait_until_it_answers(path)
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
