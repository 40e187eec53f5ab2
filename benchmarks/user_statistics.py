"""What `GET /users/stats` costs with many users: `python -m benchmarks.user_statistics [USERS]`.

Asks the real web server over HTTP and, for comparison, SQLite alone for the same ids and counts.
Works in a temporary folder.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from benchmarks.servers import free_port

PROJECT = Path(__file__).resolve().parents[1]
RUNS = 7


def seconds(call: Callable[[], Any]) -> list[float]:
    """Of each of RUNS calls, after one that does not count."""
    call()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return times


def fill(count: int) -> Path:
    """A database with so many users, as the product would write them."""
    import django  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    call_command("migrate", verbosity=0)

    from django.conf import settings  # noqa: PLC0415

    from users.models import Gender, User  # noqa: PLC0415

    genders = list(Gender)
    for start in range(0, count, 10_000):
        User.objects.bulk_create(
            User(
                username=f"user{n}",
                email=f"user{n}@example.org",
                password="argon2$" + "x" * 90,
                gender=genders[n % 3],
                first_name="First",
                last_name="Last",
                data={"newsletter": True},
                search_text=f"user{n} user{n}@example.org first last",
            )
            for n in range(start, min(start + 10_000, count))
        )
    return Path(settings.DATABASES["default"]["NAME"])


def sqlite_alone(database: Path) -> Callable[[], Any]:
    """The same answer by one statement, without any of our code."""
    import sqlite3  # noqa: PLC0415  # config put the newer library in its place

    connection = sqlite3.connect(database)
    return lambda: connection.execute(
        "SELECT COUNT(*), SUM(gender = 'female'), SUM(gender = 'male'), group_concat(id)"
        " FROM (SELECT id, gender FROM users_user ORDER BY id)"
    ).fetchone()


def resident_mebibytes(word: str) -> dict[int, tuple[float, float]]:
    """Now and at the peak, of each process with `word` in its command line and our DATA_DIR."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_text(errors="replace")
            status = (folder / "status").read_text()
            command = (folder / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        if word in command and f"DATA_DIR={os.environ['DATA_DIR']}\0" in environment:
            now, peak = (
                int(match[1]) / 1024 if (match := re.search(rf"{name}:\s+(\d+)", status)) else 0
                for name in ("VmRSS", "VmHWM")
            )
            found[int(folder.name)] = (now, peak)
    return found


def shown(name: str, times: list[float]) -> None:
    low, middle, high = min(times), statistics.median(times), max(times)
    print(f"{name:28} {middle * 1000:8.0f} ms  ({low * 1000:.0f}-{high * 1000:.0f})")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        os.environ |= {"DATA_DIR": folder, "PORT": str(port), "WEB_WORKERS": "1", "DEMO": "0"}
        database = fill(count)
        print(f"{count} users, database {database.stat().st_size / 2**20:.0f} MiB, {RUNS} runs")
        shown("SQLite alone", seconds(sqlite_alone(database)))
        server = subprocess.Popen(
            [sys.executable, "manage.py", "run_web"], cwd=PROJECT, stderr=subprocess.DEVNULL
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/genres")
            before = resident_mebibytes("run_web")
            answer = requests.get(f"{url}/users/stats", timeout=60)
            body = answer.json()
            assert len(body["user_ids"]) == count
            assert sum(v for k, v in body.items() if k.startswith("count_")) == count
            shown(
                "GET /users/stats",
                seconds(lambda: requests.get(f"{url}/users/stats", timeout=60).content),
            )
            after = resident_mebibytes("run_web")
            grown = max(after[pid][1] - before[pid][0] for pid in before.keys() & after.keys())
            print(
                f"answer {len(answer.content) / 2**20:.1f} MiB; the server grew by {grown:.1f} MiB"
            )
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=10)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
