"""`make bench`: requests per second of the calls that matter, beside a floor in the same run.

Seeds a database of its own in a temporary folder. On a shared machine look at the ratios and at the
processor time per request, not at requests per second.
"""

import argparse
import os
import secrets
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import jwt

from benchmarks import load
from benchmarks.load import Load, Result
from benchmarks.servers import Server, floor, foyer

GAME_IDS = range(1, 101)


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
            print(
                f"{'wrk' if load.WRK else 'Python threads (install wrk)'}, {options.plays:,} plays"
            )
            print(f"{'call':24} {'Foyer':>22} {'floor':>22} {'ratio':>7} {'CPU ratio':>10}")
            for (name, our_load), (_, floor_load) in zip(
                loads(*tokens), loads(*floor_tokens), strict=True
            ):
                pairs = [
                    (
                        measured(ours, our_load, options.seconds),
                        measured(bare, floor_load, options.seconds),
                    )
                    for _ in range(options.rounds)
                ]
                print_row(name, pairs)
            login = Load(
                ["/auth/token"],
                "POST",
                ['{"username": "user00002", "password": "benchmark password 1"}'],
                {"Content-Type": "application/json"},
                connections=2,
            )
            result, cpu = measured(ours, login, options.seconds)
            print(f"{'log-in':24} {result.per_second:10,.0f}/s {cpu * 1e6:8,.0f} µs")


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


def loads(player: str, staff: str) -> Iterator[tuple[str, Load]]:
    as_player, as_staff = ({"Authorization": f"Bearer {token}"} for token in (player, staff))
    yield "GET /games (100)", Load(["/games"])
    yield "GET /games/{id}", Load([f"/games/{game}" for game in GAME_IDS])
    bodies = [f'{{"game": {game}}}' for game in GAME_IDS]
    json_in = as_player | {"Content-Type": "application/json"}
    yield "POST /playsessions", Load(["/playsessions"] * len(bodies), "POST", bodies, json_in)
    yield "GET /users/lastplayed", Load(["/users/lastplayed"], headers=as_staff)
    yield "GET /users/me", Load(["/users/me"], headers=as_player)


def measured(server: Server, requests: Load, seconds: int) -> tuple[Result, float]:
    """The result, and the server's processor seconds per request."""
    load.run(server.base, requests, seconds=1)
    before = server.cpu_seconds()
    result = load.run(server.base, requests, seconds=seconds)
    if result.errors:
        raise SystemExit(f"{server.base}: {result.errors} errors; {requests.paths[0]}")
    return result, (server.cpu_seconds() - before) / max(result.requests, 1)


def print_row(name: str, pairs: list[tuple[tuple[Result, float], tuple[Result, float]]]) -> None:
    our_rate, our_cpu, floor_rate, floor_cpu = (
        statistics.median(figures)
        for figures in (
            [ours.per_second for (ours, _), _ in pairs],
            [cpu for (_, cpu), _ in pairs],
            [bare.per_second for _, (bare, _) in pairs],
            [cpu for _, (_, cpu) in pairs],
        )
    )
    cpu_ratio = f"{floor_cpu / our_cpu:10.2f}" if our_cpu else f"{'-':>10}"
    print(
        f"{name:24} {our_rate:10,.0f}/s {our_cpu * 1e6:6,.0f} µs"
        f" {floor_rate:10,.0f}/s {floor_cpu * 1e6:6,.0f} µs"
        f" {our_rate / floor_rate:7.2f} {cpu_ratio}",
        flush=True,
    )


if __name__ == "__main__":
    main()
