"""Debian's cron and anacron with a daily job at 03:17, and clocks that jump (libfaketime)."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.concurrency import wait_until
from tests.neighbours.servers import find

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


class Cron:
    """Sees a clock of its own and runs one entry, which counts its runs. `speed`: of that clock."""

    def __init__(self, folder: Path, speed: int) -> None:
        self._folder = folder
        self._speed = speed
        self._begun = time.monotonic()

    @property
    def runs(self) -> int:
        return (self._folder / "ran").read_text().count("ran")

    def set_clock(self, moment: str) -> None:
        """`moment` is local. The library counts from the start of the process."""
        passed = timedelta(seconds=(time.monotonic() - self._begun) * self._speed)
        began = datetime.fromisoformat(moment).replace(tzinfo=UTC) - passed
        new = self._folder / "clock.new"
        new.write_text(f"@{began:%Y-%m-%d %H:%M:%S} x{self._speed}")
        new.rename(self._folder / "clock")

    def let_pass(self, minutes: float) -> None:
        time.sleep(minutes * 60 / self._speed)


@contextmanager
def cron(start: str, *, zone: str = "UTC", speed: int = 30) -> Iterator[Cron]:
    program = find("cron", "Debian: apt install cron")
    if os.geteuid() or not LIBRARIES:
        pytest.skip("needs root and libfaketime (Debian: apt install faketime)")
    # A crontab has to be root's alone, in a place that cron knows: mounts that only this one sees.
    with TemporaryDirectory(prefix="foyer-cron-") as name:
        folder = Path(name)
        for place in ("crontabs", "cron.d", "run"):
            (folder / place).mkdir()
        entry = folder / "crontabs" / "root"
        entry.write_text(f"17 3 * * * echo ran >> {folder}/ran\n")
        entry.chmod(0o600)
        (folder / "ran").touch()
        clock = Cron(folder, speed)
        clock.set_clock(start)
        mounts = {
            folder / "crontabs": "/var/spool/cron/crontabs",
            folder / "cron.d": "/etc/cron.d",
            folder / "run": "/run",
            Path("/dev/null"): "/etc/crontab",
        }
        lines = [f"mount --bind {ours} {theirs}" for ours, theirs in mounts.items()]
        faked = (
            f"LD_PRELOAD={LIBRARIES[0]} FAKETIME_NO_CACHE=1 FAKETIME_TIMESTAMP_FILE={folder}/clock"
        )
        lines.append(f"exec env TZ={zone} {faked} {program} -f")
        process = subprocess.Popen(["unshare", "--mount", "sh", "-ec", "\n".join(lines)])
        try:
            yield clock
        finally:
            process.terminate()
            process.wait()


def test_a_machine_that_slept_two_hours_runs_the_job_when_it_wakes() -> None:
    with cron("2027-03-26 03:10:00") as daemon:
        daemon.let_pass(2)
        daemon.set_clock("2027-03-26 05:10:00")

        assert wait_until(lambda: daemon.runs == 1, seconds=30)


def test_a_machine_that_slept_six_hours_leaves_the_day_out() -> None:
    """Cron takes more than three hours for a clock that was set."""
    with cron("2027-03-26 03:10:00") as daemon:
        daemon.let_pass(2)
        daemon.set_clock("2027-03-26 09:10:00")
        daemon.let_pass(5)

        assert daemon.runs == 0


def test_a_clock_that_is_set_back_a_little_repeats_no_job() -> None:
    with cron("2027-03-26 03:16:00") as daemon:
        assert wait_until(lambda: daemon.runs == 1, seconds=30)
        daemon.set_clock("2027-03-26 03:15:00")
        daemon.let_pass(5)

        assert daemon.runs == 1


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"], ids=["03:17 left out", "03:17 twice"])
def test_the_job_runs_once_on_the_days_on_which_the_clocks_change(day: str) -> None:
    with cron(f"{day} 02:58:00", zone="Europe/Helsinki", speed=240) as daemon:
        daemon.let_pass(150)

        assert daemon.runs == 1


def test_anacron_runs_a_job_once_a_day_whenever_the_machine_is_on(tmp_path: Path) -> None:
    anacron = find("anacron", "Debian: apt install anacron")
    faketime = find("faketime", "Debian: apt install faketime")
    (tmp_path / "spool").mkdir()
    (tmp_path / "anacrontab").write_text(f"SHELL=/bin/sh\n1 0 foyer echo ran >> {tmp_path}/ran\n")
    runs = []
    for moment in ("2027-03-26 08:00:00", "2027-03-26 12:00:00", "2027-03-29 07:00:00"):
        options = ("-d", "-n", "-t", str(tmp_path / "anacrontab"), "-S", str(tmp_path / "spool"))
        command = [faketime, "-f", f"@{moment}", anacron, *options]
        subprocess.run(command, check=True, capture_output=True)
        runs.append((tmp_path / "ran").read_text().count("ran"))

    assert runs == [1, 1, 2]
