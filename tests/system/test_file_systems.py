"""DATA_DIR on a shared folder: one sentence, no trace."""

from pathlib import Path

import pytest

from core.files.file_systems import require_sqlite_support
from tests.system.installation import Installation

BROKEN = Path(__file__).with_name("broken_file_system")


@pytest.mark.parametrize("command", ["runall", "run_web", "doctor", "migrate"])
@pytest.mark.parametrize(
    ("broken", "missing"), [("locks", "file locks"), ("memory", "shared memory")]
)
def test_a_folder_without_locks_or_shared_memory_is_named_in_a_sentence(
    tmp_path: Path, command: str, broken: str, missing: str
) -> None:
    outcome = Installation(tmp_path, PYTHONPATH=str(BROKEN), BROKEN=broken).manage(command)

    assert outcome.returncode == 1
    assert "Traceback" not in outcome.stdout + outcome.stderr
    (sentence,) = outcome.stderr.splitlines()
    assert str(tmp_path) in sentence
    assert f"has no {missing}" in sentence
    assert "file system of the type" in sentence
    assert "DATABASE_URL" in sentence


def test_a_folder_without_hard_links_will_do(tmp_path: Path) -> None:
    outcome = Installation(tmp_path, PYTHONPATH=str(BROKEN), BROKEN="links").manage("check")

    assert outcome.returncode == 0, outcome.stderr
    assert len((tmp_path / "secret_key").read_text()) >= 50


def test_a_local_folder_will_do_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    require_sqlite_support(tmp_path)

    assert list(tmp_path.iterdir()) == []
