import argparse
import itertools
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.chaos.client import Client, Tally
from benchmarks.chaos.installations import Installation, on_postgresql, on_sqlite
from benchmarks.chaos.player import Player
from benchmarks.chaos.verification import losses, play_count


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="foyer-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        chosen: AbstractContextManager[Installation] = (
            on_postgresql(folder, options.database_url)
            if options.database_url
            else on_sqlite(folder)
        )
        with chosen as installation, installation.running():
            failed = _run(installation, options)
        if not options.database_url:
            # Nothing runs any more, and nothing was tidied up.
            (verdict,) = sqlite3.connect(folder / "foyer.sqlite3").execute("PRAGMA integrity_check")
            print(f"integrity_check: {verdict[0]}")
            failed = failed or verdict != ("ok",)
    print("FAILED" if failed else "Nothing acknowledged was lost.")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument(
        "--database-url",
        metavar="URL",
        help="PostgreSQL server: two web processes, a worker and a Redis of their own, one killed "
        "at a time. Without it: SQLite, everything killed at once.",
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kill-every", type=float, default=30, metavar="SECONDS")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--redis-restarts", type=int, default=2)
    return parser.parse_args()


def _run(installation: Installation, options: argparse.Namespace) -> bool:
    """True when a promise was broken."""
    tally = Tally()
    players = [Player(Client(installation.webs, tally), seed=n) for n in range(options.clients)]
    plays_before = play_count(installation.webs[0].url)
    stop = threading.Event()
    threads = [threading.Thread(target=player.play_until, args=(stop,)) for player in players]
    for thread in threads:
        thread.start()
    recoveries = _cause_chaos(installation, options)
    stop.set()
    for thread in threads:
        thread.join()
    broken = losses(players, installation.webs[-1].url, plays_before=plays_before)
    return _report(tally, players, recoveries, broken, options)


def _cause_chaos(installation: Installation, options: argparse.Namespace) -> list[float]:
    """Seconds from each kill until the program worked again."""
    ends_at = time.monotonic() + options.minutes * 60
    total_kills = int(options.minutes * 60 / options.kill_every)
    redis_turns = {
        round(total_kills * (n + 1) / (options.redis_restarts + 1))
        for n in range(options.redis_restarts)
    }
    victims = itertools.cycle(installation.victims)
    recoveries: list[float] = []
    for turn in itertools.count(1):
        time.sleep(max(0.0, min(options.kill_every, ends_at - time.monotonic())))
        if time.monotonic() >= ends_at:
            return recoveries
        if turn in redis_turns and installation.redis:
            installation.redis.kill()
            time.sleep(2)
            installation.redis.start()
            print("redis: killed, started again 2 s later, empty", flush=True)
        for program in next(victims):
            recoveries.append(program.kill_and_restart())
            print(f"{program.name}: killed, back after {recoveries[-1]:.1f} s", flush=True)
    raise AssertionError("not reached")


def _report(
    tally: Tally,
    players: list[Player],
    recoveries: list[float],
    broken: dict[str, int],
    options: argparse.Namespace,
) -> bool:
    accounts = [account for player in players for account in player.accounts]
    seconds = sorted(tally.seconds)
    print(f"clients: {options.clients}, minutes: {options.minutes:g}, kills: {len(recoveries)}")
    print(f"answers: {dict(sorted(tally.answers.items()))}")
    print(f"seconds: median {seconds[len(seconds) // 2]:.3f}, "
          f"99 % {seconds[len(seconds) * 99 // 100]:.3f}, slowest {seconds[-1]:.2f}")  # fmt: skip
    print(f"back after a kill: slowest {max(recoveries, default=0):.1f} s")
    print(f"open requests broken off by a kill: {tally.broken_off}")
    print(f"calls refused while a process was not there: {tally.refused}")
    print(f"acknowledged: {len(accounts)} accounts, "
          f"{sum(len(account.plays) for account in accounts)} plays, "
          f"{sum(len(account.repositories) for account in accounts)} repositories")  # fmt: skip
    for kind, count in broken.items():
        print(f"{kind}: {count}")
    for kind, messages in (
        ("answers of 500 and above", tally.server_errors),
        ("failures that no kill explains", tally.unexplained),
        ("players that met a wrong answer", [repr(p.failure) for p in players if p.failure]),
    ):
        print(f"{kind}: {len(messages)}")
        for message in messages[:10]:
            print(f"  {message}")
    unasked = [tally.server_errors, tally.unexplained, [p for p in players if p.failure]]
    return any(broken.values()) or any(unasked)


if __name__ == "__main__":
    sys.exit(main())
