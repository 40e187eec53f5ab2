"""What is killed: the programs of an installation, each in a process group of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from benchmarks.servers import free_port

PROJECT = Path(__file__).resolve().parents[2]


class Program:
    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], *, log: Path
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        # Moments (monotonic) between which nobody is promised an answer.
        self.outages: list[tuple[float, float]] = []

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait()

    def wait(self) -> None:
        """Until it works."""

    def kill(self) -> None:
        """-9, without a warning, and everything that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def kill_and_restart(self) -> float:
        """Seconds until it worked again."""
        killed_at = time.monotonic()
        self.outages.append((killed_at, float("inf")))
        self.kill()
        self.start()
        self.outages[-1] = (killed_at, time.monotonic())
        return time.monotonic() - killed_at

    def was_down(self, since: float, until: float) -> bool:
        return any(begin <= until and since <= end for begin, end in self.outages)


class WebProgram(Program):
    def __init__(self, name: str, command: list[str], environment: dict[str, str], *, log: Path):
        self.port = free_port()
        super().__init__(name, command, environment | {"PORT": str(self.port)}, log=log)
        self.url = f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        for _ in range(1200):
            try:
                if requests.get(f"{self.url}/healthz", timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise RuntimeError(f"{self.name} does not start: see {self._log}")


class RedisProgram(Program):
    def __init__(self, *, log: Path) -> None:
        self.port = free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        super().__init__("redis", command, {"PATH": os.environ["PATH"]}, log=log)
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def wait(self) -> None:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("redis does not start")


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]
