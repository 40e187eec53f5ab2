"""The same calls get the same answers on SQLite and on PostgreSQL with Redis."""

import os
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

from tests.postgresql.servers import needs_postgresql, scratch_database

PROJECT = Path(__file__).resolve().parents[2]
CALLS = 400


def start(folder: Path, **variables: str) -> "subprocess.Popen[str]":
    folder.mkdir()
    limits = {f"RATE_LIMIT_{name}": "off" for name in ("LOGIN", "SIGNUP", "RESET")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.postgresql.parity", "--calls", str(CALLS)],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **limits, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@needs_postgresql
def test_both_databases_answer_alike(tmp_path: Path) -> None:
    with scratch_database() as url:
        processes = [
            start(tmp_path / "sqlite"),
            start(
                tmp_path / "postgresql", DATABASE_URL=url, REDIS_URL=os.environ.get("REDIS_URL", "")
            ),
        ]
        transcripts = [process.communicate(timeout=300)[0].splitlines() for process in processes]

    assert len(transcripts[0]) > CALLS * 0.9
    for on_sqlite, on_postgresql in zip_longest(*transcripts):
        assert on_postgresql == on_sqlite
    statuses = {line[:3] for line in transcripts[0]}
    assert {"200", "201", "204", "400", "401", "403", "404", "409"} <= statuses
    assert not {status for status in statuses if status.startswith("5")}
