"""Many writers at once, then a kill: `python -m benchmarks.writers`.

Sixteen clients record plays on SQLite for half a minute, until all processes of the server are
killed by force in the middle of it. Then every play that was answered with 201 must be in the
database, counters and copies must agree with the plays, and the file must be whole.
"""

import argparse
import http.client
import json
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.__main__ import prepare
from benchmarks.servers import foyer

GAMES = 20


@dataclass
class Written:
    """By one writer: the ids that were acknowledged, every status, and seconds a request took."""

    acknowledged: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    taken: list[float] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foyer-writers-") as folder:
        token, _ = prepare(Path(folder), plays=0)
        stopped = threading.Event()
        with foyer(Path(folder)) as server, ThreadPoolExecutor(options.writers) as pool:
            address = urlsplit(server.base).netloc
            writers = [
                pool.submit(write, address, token, number, stopped)
                for number in range(options.writers)
            ]
            time.sleep(options.seconds)
            server.kill()
            stopped.set()
            written = [writer.result() for writer in writers]
        return report(written, Path(folder) / "foyer.sqlite3", options.seconds)


def write(address: str, token: str, number: int, stopped: threading.Event) -> Written:
    """Record plays until the server is gone."""
    written = Written()
    connection = http.client.HTTPConnection(address, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    while not stopped.is_set():
        body = json.dumps({"game": 1 + (number + len(written.taken)) % GAMES})
        began = time.perf_counter()
        try:
            connection.request("POST", "/playsessions", body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            break
        written.taken.append(time.perf_counter() - began)
        written.statuses[answer.status] += 1
        if answer.status == 201:
            written.acknowledged.append(json.loads(content)["id"])
    connection.close()
    return written


def report(written: list[Written], database: Path, seconds: float) -> int:
    """Print what was found; 1 when something is lost or was refused."""
    acknowledged = {play for writer in written for play in writer.acknowledged}
    statuses = sum((writer.statuses for writer in written), Counter())
    taken = sorted(seconds for writer in written for seconds in writer.taken)
    with sqlite3.connect(database) as connection:
        [integrity] = connection.execute("PRAGMA integrity_check").fetchone()
        stored = {row[0] for row in connection.execute("SELECT id FROM playsessions_playsession")}
        [counted] = connection.execute("SELECT sum(play_count) FROM games_game").fetchone()
        [by_day] = connection.execute("SELECT sum(plays) FROM games_dailyplays").fetchone()
        last = connection.execute("SELECT user_id, play_session_id FROM playsessions_lastplay")
        newest = connection.execute(
            "SELECT DISTINCT user_id, first_value(id) OVER"
            " (PARTITION BY user_id ORDER BY created_at DESC, id DESC)"
            " FROM playsessions_playsession"
        )
        copied = set(last) == set(newest)
    lost = acknowledged - stored
    print(f"{len(written)} writers, {seconds:.0f} s: {dict(statuses)}")
    print(f"{len(acknowledged) / seconds:,.0f} plays/s, slowest {taken[-1] * 1e3:,.0f} ms")
    print(f"acknowledged {len(acknowledged)}, stored {len(stored)}, lost {len(lost)}")
    print(f"counted by game {counted}, by day {by_day}; integrity: {integrity}")
    print("newest plays copied" if copied else "copies of newest plays are wrong")
    whole = integrity == "ok" and counted == by_day == len(stored) and copied
    return 0 if whole and not lost and set(statuses) == {201} else 1


if __name__ == "__main__":
    sys.exit(main())
