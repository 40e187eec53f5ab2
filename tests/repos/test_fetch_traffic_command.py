"""`manage.py fetch_traffic` as cron and people run it: whole processes, killed at will."""

import fcntl
import os
import pty
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from repos.models import FetchRun, TrafficDay
from tests.factories import RepositoryFactory
from tests.repos.conftest import SERVER_TOKEN, TokenApi
from tests.repos.fault_injection import FAULTS
from tests.repos.github_server import FakeRelease, GitHubServer, Traffic
from tests.repos.processes import Installation, installing
from users.models import User

PROJECT = Path(__file__).resolve().parents[2]
# `KILLS=50 pytest tests/repos/test_fetch_traffic_command.py` for the long way.
KILLS = int(os.environ.get("KILLS", "4"))


def a_month() -> dict[Any, Traffic]:
    today = datetime.now(UTC).date()
    return {today - timedelta(days=n): Traffic(100 + n, 50, 20, 10) for n in range(30)}


@pytest.mark.django_db
class TestCommand:
    @pytest.fixture(autouse=True)
    def _own_lock(self, settings: Settings, tmp_path: Path) -> None:
        settings.DATA_DIR = tmp_path

    @pytest.fixture
    def entries(self, github_server: GitHubServer) -> list[Any]:
        for n in range(3):
            github_server.add(f"octo/r{n}", traffic=a_month())
        return [
            RepositoryFactory.create(name=f"r{n}", created_at=datetime.now(UTC)) for n in range(3)
        ]

    def run(self, *arguments: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("fetch_traffic", *arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def test_the_last_line_counts_repositories_and_requests(self, entries: list[Any]) -> None:
        out, err = self.run()

        assert out.startswith("3 fetched, 0 failed, 0 left for the next run; 24 requests in ")
        assert err == ""
        assert TrafficDay.objects.values("repository").distinct().count() == 3

    def test_nothing_to_do_is_a_success(self, github_server: GitHubServer) -> None:
        assert self.run()[0].startswith("0 fetched, 0 failed")

    @pytest.mark.parametrize("fault", ["404", "429 with Retry-After"])
    def test_command_exits_with_1_and_a_line_for_each_failure(
        self,
        fault: str,
        entries: list[Any],
        github_server: GitHubServer,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        github_server.repositories["octo/r1"].fault = FAULTS[fault]
        out, err = StringIO(), StringIO()

        with pytest.raises(SystemExit) as exit_:
            call_command("fetch_traffic", stdout=out, stderr=err)

        assert exit_.value.code == 1
        assert out.getvalue().startswith("2 fetched, ")
        (line,) = err.getvalue().splitlines()
        assert line.startswith("octo/r1: GitHub")
        assert SERVER_TOKEN not in out.getvalue() + err.getvalue()

    def test_one_repository_or_one_user_alone(
        self, entries: list[Any], github_server: GitHubServer
    ) -> None:
        self.run("--repo", "https://github.com/OCTO/r1")
        assert {path.split("/")[3] for path in github_server.paths} == {"r1"}
        github_server.received.clear()

        self.run("--user", entries[2].user.email.upper())
        assert {path.split("/")[3] for path in github_server.paths} == {"r2"}

    def test_a_user_is_found_by_every_form_of_the_address(
        self, entries: list[Any], github_server: GitHubServer
    ) -> None:
        User.objects.filter(pk=entries[0].user_id).update(email="ada@xn--mnchen-3ya.example")

        self.run("--user", " Ada@M\u00fcnchen.example\u200b")

        assert {path.split("/")[3] for path in github_server.paths} == {"r0"}

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--repo", "octo/r1"],
            ["--repo", "https://github.com/octo/unknown"],
            ["--user", "nobody@example.org"],
            ["--user", ""],
            ["--jobs", "0"],
        ],
    )
    def test_arguments_that_make_no_sense_are_rejected(
        self, arguments: list[str], github_server: GitHubServer
    ) -> None:
        with pytest.raises(CommandError):
            self.run(*arguments)

    @pytest.mark.parametrize("days", [-4, 4])
    def test_a_wrong_clock_of_the_machine_makes_no_fetch_overdue(
        self, days: int, entries: list[Any], github_server: GitHubServer, token_api: TokenApi
    ) -> None:
        github_server.now = lambda: datetime.now(UTC) + timedelta(days=days)

        _, err = self.run()

        assert "The clock of this machine is" in err
        assert "not fetched" not in err
        body = token_api(entries[0].user).get(f"/api/repos/{entries[0].uuid}").json()
        assert body["last_error"] is None
        assert body["traffic"][-1]["date"] == f"{github_server.now().date()}"

    def test_a_second_run_leaves_at_once(
        self, entries: list[Any], github_server: GitHubServer, tmp_path: Path
    ) -> None:
        with (tmp_path / "fetch_traffic.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

            assert self.run() == ("already running\n", "")

        assert github_server.received == []
        assert not FetchRun.objects.exists()

    def test_the_cron_entry_runs_the_command(self, entries: list[Any], settings: Settings) -> None:
        [job] = [job for _, job in settings.CRONJOBS if "fetch_traffic" in job]
        module, _, function = job.rpartition(".")

        getattr(import_module(module), function)()

        assert TrafficDay.objects.exists()


FOLLOWERS = """
from datetime import UTC, datetime
from repos.models import TrackedRepository
from users.models import User
user = User.objects.create(email="ada@example.org")
for n in range(30):
    TrackedRepository.objects.create(user=user, owner="octo", name=f"r{n}", key=f"octo/r{n}",
                              created_at=datetime.now(UTC))
"""


@pytest.mark.system
class TestProcesses:
    @pytest.fixture
    def server(self) -> Iterator[GitHubServer]:
        # Stands still, so that every run hears the same.
        now = datetime.now(UTC)
        with GitHubServer(now=lambda: now).running() as server:
            for n in range(30):
                repository = server.add(f"octo/r{n}", traffic=a_month())
                repository.referrers = [{"referrer": "Google", "count": n, "uniques": 1}]
                repository.releases = [FakeRelease(1, "v1", {11: n})]
            yield server

    @pytest.fixture
    def install(self, tmp_path: Path, server: GitHubServer) -> Callable[[str], Installation]:
        return installing(tmp_path, server, script=FOLLOWERS)

    def test_a_run_killed_anywhere_is_completed_by_the_next(
        self, install: Callable[[str], Installation]
    ) -> None:
        undisturbed, killed = install("undisturbed"), install("killed")
        started = time.monotonic()
        undisturbed.succeed("fetch_traffic")
        seconds = time.monotonic() - started

        for _ in range(KILLS):
            process = killed.manage("fetch_traffic")
            time.sleep(random.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            killed.tables()  # and the database is sound
        assert "30 fetched, 0 failed" in killed.succeed("fetch_traffic")

        assert killed.tables() == undisturbed.tables()

    def test_a_terminal_sees_progress(self, install: Callable[[str], Installation]) -> None:
        installation = install("terminal")
        ours, theirs = pty.openpty()

        process = installation.manage("fetch_traffic", stderr=theirs)
        os.close(theirs)
        shown = b""
        # The end of the process is an error to whoever reads its terminal.
        with suppress(OSError):
            while piece := os.read(ours, 4096):
                shown += piece
        os.close(ours)
        said, _ = process.communicate(timeout=120)

        assert b"30/30" in shown
        assert said.startswith("30 fetched")

    def test_two_runs_at_once_do_no_harm(self, install: Callable[[str], Installation]) -> None:
        installation = install("both")

        processes = [installation.manage("fetch_traffic") for _ in range(2)]
        said = [process.communicate(timeout=120)[0] for process in processes]

        assert [process.returncode for process in processes] == [0, 0], said
        assert any("30 fetched" in one for one in said)
        assert len(installation.tables()["days"]) == 30 * 15
