"""`make zip`: the committed tree, the same bytes from the same commit."""

import hashlib
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    not (PROJECT / ".git").exists() or shutil.which("git") is None,
    reason="the archive is made in a git checkout",
)


def pack(**variables: str) -> Path:
    outcome = subprocess.run(
        ["scripts/zip"],
        cwd=PROJECT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return PROJECT / outcome.stdout.strip()


def test_the_same_commit_gives_the_same_bytes() -> None:
    first = hashlib.sha256(pack(TZ="UTC").read_bytes()).digest()
    second = hashlib.sha256(pack(TZ="Pacific/Kiritimati").read_bytes()).digest()

    assert first == second


def test_holds_what_is_committed_ready_to_run() -> None:
    with zipfile.ZipFile(pack()) as archive:
        names = set(archive.namelist())
        (top,) = {name.split("/")[0] for name in names}
        start = archive.getinfo(f"{top}/scripts/environment")

    for name in ("Makefile", "manage.py", "requirements.txt", "README.md", "Vagrantfile"):
        assert f"{top}/{name}" in names
    assert not [name for name in names if "/.venv/" in name or "/var/" in name]
    assert start.external_attr >> 16 & 0o111  # unpacked, it can be run
