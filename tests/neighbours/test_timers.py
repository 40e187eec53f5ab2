"""The units of deploy/systemd, read by systemd itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.neighbours.servers import find
from tests.system.installation import PROJECT

UNITS = PROJECT / "deploy" / "systemd"


def analyze(*arguments: str, **variables: str) -> str:
    program = find("systemd-analyze", "Debian: apt install systemd")
    outcome = subprocess.run(
        [program, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout + outcome.stderr


def test_systemd_has_nothing_to_say_about_the_units(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/foyer/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)

    said = analyze("verify", *map(str, sorted(tmp_path.iterdir())))

    assert [line for line in said.splitlines() if line.startswith("foyer-")] == []


@pytest.mark.parametrize("timer", sorted(UNITS.glob("*.timer")), ids=lambda timer: timer.stem)
def test_a_timer_fires_once_a_day_where_the_clocks_change(timer: Path) -> None:
    """In Helsinki 03:17 does not exist on the one day, and comes twice on the other."""
    lines = timer.read_text().splitlines()
    calendar = next(line for line in lines if line.startswith("OnCalendar=")).partition("=")[2]

    # A machine that slept through the moment catches up when it wakes.
    assert "Persistent=true" in lines
    for start in ("2027-03-26 12:00", "2027-10-29 12:00"):
        told = analyze(
            *("calendar", "--iterations=4", f"--base-time={start} UTC", calendar),
            TZ="Europe/Helsinki",
        )
        days = [line.split()[-3] for line in told.splitlines() if "(in UTC)" in line]
        assert len(set(days)) == len(days) == 4, told
