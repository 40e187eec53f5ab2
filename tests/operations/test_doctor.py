"""What doctor finds out about the places that data lies in."""

from pathlib import Path

import pytest
from django.db import connection

from operations import doctor
from operations.file_systems import SHARED_FILE_SYSTEMS, file_system_of

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
def test_doctor_names_a_shared_file_system_under_sqlite(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite")
    monkeypatch.setattr(doctor, "file_system_of", lambda _: kind)

    findings = {finding.subject: finding for finding in doctor.run_doctor_checks()}

    assert kind in SHARED_FILE_SYSTEMS
    assert findings["database"].verdict == "ERROR"
    assert kind in findings["database"].message
