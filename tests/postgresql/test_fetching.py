"""The daily run, started on several machines that share one database."""

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql.servers import empty_database
from tests.postgresql.test_starting import start
from tests.repos.conftest import SERVER_TOKEN
from tests.repos.github_server import GitHubServer, Handler

FOLLOW = (
    "from datetime import UTC, datetime; from repos.models import TrackedRepository;"
    "from users.models import User;"
    'user = User.objects.create(email="ada@example.org");'
    'TrackedRepository.objects.create(user=user, owner="octo",'
    ' name="hello", key="octo/hello", created_at=datetime.now(UTC))'
)


class Machines:
    def __init__(self, folder: Path, url: str, github: GitHubServer) -> None:
        self._folder, self._url, self._github = folder, url, github

    def begin(self, command: str, *, machine: int = 1) -> subprocess.Popen[str]:
        """On SQLite both are one machine."""
        shares_files = self._url.startswith("sqlite")
        return start(
            command,
            url=self._url,
            data_dir=self._folder / ("" if shares_files else f"machine{machine}"),
            GITHUB_API_URL=self._github.url,
            GITHUB_TOKEN=SERVER_TOKEN,
        )

    def outcome(self, command: str, *, machine: int = 1) -> tuple[int, str]:
        process = self.begin(command, machine=machine)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said


class Gate:
    """GitHub answers nobody until it opens."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self, handler: Handler) -> bool:
        self.opened.wait(60)
        return False


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with GitHubServer().running() as server:
        server.add("octo/hello")
        server.fault = Gate()
        yield server


@pytest.fixture
def machines(tmp_path: Path, github: GitHubServer) -> Iterator[Machines]:
    with empty_database(tmp_path) as url:
        machines = Machines(tmp_path, url, github)
        for command in ("migrate --verbosity 0", f"shell --no-imports --command '{FOLLOW}'"):
            status, said = machines.outcome(command)
            assert status == 0, said
        yield machines


def wait_for_request(github: GitHubServer) -> None:
    deadline = time.monotonic() + 60
    while not github.received and time.monotonic() < deadline:
        time.sleep(0.05)
    assert github.received


def test_one_runs_and_the_others_leave(machines: Machines, github: GitHubServer) -> None:
    first = machines.begin("fetch_traffic")
    wait_for_request(github)

    second = machines.outcome("fetch_traffic", machine=2)
    assert isinstance(github.fault, Gate)
    github.fault.opened.set()
    said, _ = first.communicate(timeout=120)

    assert second == (0, "already running\n")
    assert said.startswith("1 fetched, 0 failed")
    assert first.returncode == 0


def test_a_killed_run_stands_in_nobody_s_way(machines: Machines, github: GitHubServer) -> None:
    first = machines.begin("fetch_traffic")
    wait_for_request(github)
    first.kill()
    first.communicate(timeout=60)
    github.fault = None

    status, said = machines.outcome("fetch_traffic", machine=2)

    assert status == 0
    assert said.startswith("1 fetched, 0 failed")
