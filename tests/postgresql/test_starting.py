"""Several processes start on one empty database at the same instant."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tests.postgresql.servers import empty_database

PROJECT = Path(__file__).resolve().parents[2]


def start(command: str, *, url: str, data_dir: Path, **variables: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": url,
        # On PostgreSQL each stands for a machine of its own; nothing but the database is shared.
        "DATA_DIR": str(data_dir),
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *shlex.split(command)],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_processes_that_start_together_set_up_one_after_the_other(tmp_path: Path) -> None:
    with empty_database(tmp_path) as url:
        on_one_machine = url.startswith("sqlite")
        processes = [
            start("setup", url=url, data_dir=tmp_path / ("" if on_one_machine else f"data{n}"))
            for n in range(2)
        ]
        said = [process.communicate(timeout=180)[0] for process in processes]

        assert [process.returncode for process in processes] == [0, 0], said
        assert sum("Administrator: admin" in words for words in said) == 1
        assert sum("games: " in words for words in said) == 1
