"""Commands where something is not as it should be: a sentence that says what to do, no trace."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.system.installation import PROJECT, Installation


def require_sentence(outcome: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert outcome.returncode == 1
    assert "Traceback" not in outcome.stderr
    assert all(word in outcome.stderr.splitlines()[-1] for word in words), outcome.stderr


def test_an_unprepared_database_leads_to_setup(tmp_path: Path) -> None:
    require_sentence(Installation(tmp_path).manage("fetch_traffic"), "no such table", "setup")


def test_a_file_that_is_no_database_is_called_that(tmp_path: Path) -> None:
    (tmp_path / "foyer.sqlite3").write_text("The quick brown fox jumps over the lazy dog.\n" * 99)

    require_sentence(Installation(tmp_path).manage("setup"), "file is not a database")


def test_a_traceback_is_there_for_who_asks(tmp_path: Path) -> None:
    outcome = Installation(tmp_path).manage("fetch_traffic", "--traceback")

    assert outcome.returncode == 1
    assert "Traceback" in outcome.stderr


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    installation = Installation(tmp_path, STATIC_ROOT=str(tmp_path / "file"))

    require_sentence(installation.manage("setup"), str(tmp_path / "file"))


def test_a_full_disk_is_said_and_the_next_setup_completes(tmp_path: Path) -> None:
    """The look for shared memory touched a page without a block, and the start died of SIGBUS."""
    if os.geteuid():
        pytest.skip("needs root, to mount a small file system")
    data, python = tmp_path / "data", sys.executable
    data.mkdir()
    script = f"""
        mount -t tmpfs -o size=300k tmpfs {data}
        {python} manage.py setup || echo first $?
        {python} manage.py setup || echo second $?
        mount -o remount,size=50m {data}
        {python} manage.py setup && echo third 0
    """
    outcome = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        cwd=PROJECT,
        env=Installation(data).environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert "first 1\n" in outcome.stdout, outcome.stderr
    assert "second 1\n" in outcome.stdout, outcome.stderr
    assert "third 0\n" in outcome.stdout, outcome.stderr
    assert outcome.stderr.count("The database cannot be used: ") == 2
    assert "Traceback" not in outcome.stderr


class TestHost:
    def test_a_name_of_this_machine_will_do(self, tmp_path: Path) -> None:
        installation = Installation(tmp_path, HOST="localhost")

        with installation.running("runall"):
            assert requests.get(f"{installation.url}/readyz", timeout=20).status_code == 200

    @pytest.mark.parametrize("command", ["runall", "run_web"])
    @pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "999.1.1.1"])
    def test_what_is_no_address_is_named(self, tmp_path: Path, command: str, host: str) -> None:
        require_sentence(Installation(tmp_path, HOST=host).manage(command), "HOST", host)

    @pytest.mark.parametrize("command", ["runall", "run_web"])
    def test_a_port_that_is_taken_is_named(self, tmp_path: Path, command: str) -> None:
        installation = Installation(tmp_path)
        with socket.socket() as other:
            other.bind(("127.0.0.1", installation.port))
            other.listen()

            outcome = installation.manage(command)

        require_sentence(outcome, f"Port {installation.port} of 127.0.0.1 is in use")


@pytest.mark.parametrize("name", ["pipe", ""])
def test_a_backup_replaces_nothing_but_a_file(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    installation = Installation(tmp_path)
    assert installation.manage("migrate", "--verbosity", "0").returncode == 0

    outcome = installation.manage("backup_database", name and str(tmp_path / name))

    require_sentence(outcome, "cannot be the name of the backup")
    assert (tmp_path / "pipe").is_fifo()


def test_a_bucket_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    pytest.importorskip("boto3")
    installation = Installation(tmp_path, S3_BUCKET="pictures", AWS_PROFILE="unknown")

    require_sentence(installation.manage("create_bucket"), "pictures", "could not be made")


def test_a_bucket_that_is_away_is_named(tmp_path: Path) -> None:
    pytest.importorskip("boto3")
    installation = Installation(
        tmp_path,
        S3_BUCKET="pictures",
        S3_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="id",
        AWS_SECRET_ACCESS_KEY="secret",
    )
    assert installation.manage("migrate", "--verbosity", "0").returncode == 0

    require_sentence(installation.manage("orphaned_avatars"), "S3_BUCKET", "127.0.0.1:9")
