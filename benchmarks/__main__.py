"""`make bench`: requests per second of the calls that matter, beside a floor in the same run.

Seeds a database of its own in a temporary folder. On a shared machine look at the ratios and at the
processor time per request, not at requests per second.
"""

import argparse
import http.client
import os
import secrets
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import django
import jwt

from benchmarks import load
from benchmarks.load import Load
from benchmarks.servers import Server, floor, foyer

GAME_IDS = range(1, 101)
PLAYS_BESIDE = 50  # a second
LOG_INS = Load(
    ["/auth/token"],
    "POST",
    ['{"username": "user00002", "password": "benchmark password 1"}'],
    {"Content-Type": "application/json"},
    connections=4,
)


class Figures(NamedTuple):
    """Of one measurement, or the medians of several; `cpu` in seconds a request."""

    per_second: float
    cpu: float
    p99_ms: float

    @classmethod
    def medians(cls, all_figures: list[Self]) -> Self:
        return cls(*map(statistics.median, zip(*all_figures, strict=True)))

    def __str__(self) -> str:
        return f"{self.per_second:9,.0f}/s {self.cpu * 1e6:6,.0f} µs {self.p99_ms:6,.0f} ms"


class Rival(NamedTuple):
    """A server and what is sent to it."""

    server: Server
    load: Load

    def measured(self, seconds: int) -> Figures:
        load.run(self.server.base, self.load, seconds=1)
        before = self.server.cpu_seconds()
        result = load.run(self.server.base, self.load, seconds=seconds)
        if result.errors:
            raise SystemExit(f"{self.server.base}: {result.errors} errors; {self.load.paths[0]}")
        used = self.server.cpu_seconds() - before
        return Figures(result.per_second, used / max(result.requests, 1), result.p99_ms)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--plays", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=4, help="of one measurement")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foyer-bench-") as folder:
        tokens = prepare(Path(folder), options.plays)
        key = secrets.token_hex(32)
        floor_tokens = [jwt.encode({"user": user}, key, algorithm="HS256") for user in (2, 1)]
        with foyer(Path(folder)) as ours, floor(Path(folder), key) as bare:
            our_loads, floor_loads = loads(*tokens), loads(*floor_tokens)
            pairs = {
                name: (Rival(ours, our_loads[name]), Rival(bare, floor_loads[name]))
                for name in our_loads
            }
            sender = "wrk" if load.WRK else "Python threads (install wrk)"
            print(f"{sender}, {options.plays:,} plays; requests and processor time, slowest 1 %")
            print(f"{'call':22} {'Foyer':>29} {'floor':>29}  ratio  CPU ratio")
            for name, pair in pairs.items():
                compare(name, pair, options)
            plays = pairs["POST /playsessions"]
            with in_background(plays[0]), in_background(plays[1]):
                print(f"... while {PLAYS_BESIDE} plays a second are stored")
                for name, pair in pairs.items():
                    if name.startswith("GET"):
                        compare(name, pair, options)
            print(f"{'log-in':22} {Rival(ours, LOG_INS).measured(options.seconds)}")


def prepare(data_dir: Path, plays: int) -> tuple[str, str]:
    """A seeded database; tokens of a player and of staff."""
    os.environ |= {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "config.settings"}
    django.setup()
    # Django's models can be imported from here on only.
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    from benchmarks.seed import PLAYER, STAFF, seed, token_of  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    seed(plays)
    tokens = token_of(PLAYER), token_of(STAFF)
    connections.close_all()
    return tokens


def loads(player: str, staff: str) -> dict[str, Load]:
    as_player, as_staff = ({"Authorization": f"Bearer {token}"} for token in (player, staff))
    bodies = [f'{{"game": {game}}}' for game in GAME_IDS]
    json_in = as_player | {"Content-Type": "application/json"}
    return {
        "GET /games (100)": Load(["/games"]),
        "GET /games/{id}": Load([f"/games/{game}" for game in GAME_IDS]),
        "POST /playsessions": Load(["/playsessions"] * len(bodies), "POST", bodies, json_in),
        "GET /users/lastplayed": Load(["/users/lastplayed"], headers=as_staff),
        "GET /users/me": Load(["/users/me"], headers=as_player),
    }


def compare(name: str, pair: tuple[Rival, Rival], options: argparse.Namespace) -> None:
    """Taking turns, so that what else the machine does hits both alike."""
    rounds = [[rival.measured(options.seconds) for rival in pair] for _ in range(options.rounds)]
    ours, bare = (Figures.medians(list(figures)) for figures in zip(*rounds, strict=True))
    cpu_ratio = f"{bare.cpu / ours.cpu:.2f}" if ours.cpu else "-"
    ratio = f"{ours.per_second / bare.per_second:.2f}"
    print(f"{name:22} {ours} {bare} {ratio:>6} {cpu_ratio:>10}", flush=True)


@contextmanager
def in_background(rival: Rival) -> Iterator[None]:
    """Something is stored all the time, so that no kept answer holds for long."""
    over = threading.Event()

    def send() -> None:
        connection = http.client.HTTPConnection(urlsplit(rival.server.base).netloc, timeout=30)
        sent = rival.load
        while not over.wait(1 / PLAYS_BESIDE):
            connection.request(sent.method, sent.paths[0], sent.bodies[0], sent.headers)
            connection.getresponse().read()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()


if __name__ == "__main__":
    main()
