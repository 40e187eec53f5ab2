"""A real installation in a folder of its own, started as an operator starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

PROJECT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    def __init__(self, data_dir: Path, **variables: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data_dir = data_dir
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(data_dir),
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "RATE_LIMIT_SIGNUP": "off",
            "RATE_LIMIT_LOGIN": "off",
            "DEMO": "0",
            **variables,
        }

    def manage(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    @contextmanager
    def running(self, command: str) -> Iterator["subprocess.Popen[bytes]"]:
        """`manage.py COMMAND` in a process group of its own, once it answers."""
        log = self.data_dir / "log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=PROJECT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self.wait_for_answer(process)
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait_for_answer(self, process: "subprocess.Popen[bytes]", *, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                requests.get(f"{self.url}/healthz", timeout=5)
            except requests.ConnectionError:
                if process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.data_dir / "log").read_text()[-2000:])

    def processes(self, word: str) -> list[int]:
        """Ids of this installation's processes with `word` in their command line."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command_line = (folder / "cmdline").read_text(errors="replace")
                environment = (folder / "environ").read_text(errors="replace")
            except OSError:
                continue
            if word in command_line.split("\0") and f"DATA_DIR={self.data_dir}\0" in environment:
                found.append(int(folder.name))
        return found
