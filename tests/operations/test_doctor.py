"""What doctor finds out about the places that data lies in."""

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from core.files.file_systems import SHARED_FILE_SYSTEMS, file_system_of
from operations import doctor, health

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /srv nfs4 rw 0 0
tmpfs /srv/local tmpfs rw 0 0
//server/share /srv/with\\040blank cifs rw 0 0
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    file = tmp_path / "mounts"
    file.write_text(MOUNTS)
    return file


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/foyer.sqlite3", "ext4"),
        ("/srv/foyer.sqlite3", "nfs4"),
        ("/srv/local/foyer.sqlite3", "tmpfs"),
        ("/srv/localhost/foyer.sqlite3", "nfs4"),
        ("/srv/with blank/foyer.sqlite3", "cifs"),
    ],
)
def test_the_deepest_mount_above_a_file_gives_its_file_system(
    mounts: Path, path: str, kind: str
) -> None:
    assert file_system_of(Path(path), mounts=mounts) == kind


def test_without_a_list_of_mounts_the_file_system_is_unknown(tmp_path: Path) -> None:
    assert file_system_of(tmp_path, mounts=tmp_path / "missing") is None


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["nfs4", "9p"])
def test_doctor_names_a_shared_file_system_under_sqlite_even_where_it_broke_the_database(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite")

    def broken() -> None:
        raise RuntimeError("disk I/O error")

    monkeypatch.setattr(doctor, "file_system_of", lambda _: kind)
    monkeypatch.setitem(health.CHECKS, "migrations", broken)

    findings = {finding.subject: finding for finding in doctor.run_doctor_checks()}

    assert kind in SHARED_FILE_SYSTEMS
    assert findings["database"].verdict == "ERROR"
    assert kind in findings["database"].message


def test_an_error_of_several_lines_is_told_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("connection failed\n\tIs the server running?")

    monkeypatch.setitem(health.CHECKS, "database", broken)

    findings = {finding.subject: finding for finding in doctor.run_doctor_checks()}

    assert findings["database"].message == (
        "RuntimeError: connection failed Is the server running?"
    )


@pytest.mark.parametrize(
    ("hosts", "proxies", "verdict", "told"),
    [
        (["localhost", "127.0.0.1", "[::1]"], None, "ok", "localhost"),
        (["foyer.example.org", ".example.org"], 1, "ok", "foyer.example.org"),
        (["*"], 1, "ERROR", "*"),
        (["localhost"], 1, "ERROR", "this machine only"),
        (["foyer.example.org"], 0, "ERROR", "TRUSTED_PROXIES"),
    ],
)
def test_doctor_names_hosts_that_do_not_suit_https(
    settings: Settings, hosts: list[str], proxies: int | None, verdict: str, told: str
) -> None:
    """`proxies` None: over http."""
    settings.ALLOWED_HOSTS, settings.HTTPS = hosts, proxies is not None
    settings.TRUSTED_PROXIES = proxies or 0

    found = doctor._hosts()

    assert found[0] == verdict
    assert told in found[1]
