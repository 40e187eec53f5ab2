"""What recommendations and play lengths cost: `python -m benchmarks.recommendation_costs`.

Fills an empty database (SQLite in a temporary folder, or that of DATABASE_URL) with the plays of a
made-up world, builds recommendations in a process of its own, and asks a server for them and for
single games, each by an address of its own, so that no response comes from a cache. Times are
processor time. Heartbeats are of as many plays as there are requests.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import django

from benchmarks import load, worlds
from benchmarks.load import Load
from benchmarks.servers import PROJECT, Server, foyer

# Each player sends one in so many seconds.
HEARTBEAT_SECONDS, PLAYERS = 30, 1_000
REQUESTS = 20_000
BATCH = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommendation_costs")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--games", type=int, default=1_000)
    parser.add_argument("--plays-each", type=int, default=100)
    parser.add_argument("--build-only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foyer-bench-") as folder:
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        django.setup()
        world = worlds.generated(
            people=options.people, games=options.games, plays_each=options.plays_each
        )
        token, heartbeats = fill(world)
        print(f"{world.play_count:,} plays, {options.people:,} people, {options.games:,} games")
        build()
        if not options.build_only:
            measure(Path(folder), token, heartbeats)


def fill(world: worlds.World) -> tuple[str, Sequence[int]]:
    """A token of the player with most games, and ids of plays of theirs that are under way."""
    # Django's models can be imported from here on only.
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, connections, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from benchmarks.seed import token_of  # noqa: PLC0415
    from games.models import DailyPlays, Game, Genre, PlayedGame  # noqa: PLC0415
    from playsessions.models import PlaySession  # noqa: PLC0415
    from users.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    now = timezone.now()
    with transaction.atomic():
        users = User.objects.bulk_create(
            [User(username=f"user{number:06d}") for number in range(len(world.people))], BATCH
        )
        genre = Genre.objects.create(name="Genre")
        games = [Game(name=f"Game {number:05d}", genre=genre) for number in range(world.game_count)]
        for game in games:
            game.set_derived_fields()
        Game.objects.bulk_create(games, BATCH)
        rows = (
            PlayedGame(
                user=user,
                game=games[game],
                plays=plays,
                last_played_at=now - timedelta(days=30, seconds=turn),
            )
            for user, person in zip(users, world.people, strict=True)
            for turn, (game, plays) in enumerate(person.items())
        )
        PlayedGame.objects.bulk_create(rows, BATCH)
        DailyPlays.objects.bulk_create(
            [
                DailyPlays(game=game, date=(now - timedelta(days=days)).date(), plays=1 + game.pk)
                for game in games
                for days in range(90)
            ],
            BATCH,
        )
        most = max(zip(world.people, users, strict=True), key=lambda pair: len(pair[0]))[1]
        under_way = PlaySession.objects.bulk_create(
            [
                PlaySession(user=most, game=games[0], created_at=now - timedelta(seconds=60))
                for _ in range(REQUESTS)
            ],
            BATCH,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    token = token_of(str(most.username))
    connections.close_all()
    return token, [play.pk for play in under_way]


def build() -> None:
    began = time.monotonic()
    command = [sys.executable, "manage.py", "build_recommendations"]
    with subprocess.Popen(command, cwd=PROJECT) as process:
        memory = 0
        while process.poll() is None:
            memory = max(memory, _memory_peak(process.pid))
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit("build_recommendations failed.")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"build_recommendations: {time.monotonic() - began:.1f} s, processor"
        f" {used.ru_utime + used.ru_stime:.1f} s, memory at most {memory / 1024:.0f} MB"
    )


def _memory_peak(process_id: int) -> int:
    """In KiB. Not `ru_maxrss`, which counts what the parent had when it started the process."""
    try:
        lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def measure(data_dir: Path, token: str, plays: Sequence[int]) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    reads = {
        "GET /games/{id}": Load([f"/games/{1 + n % 500}?n={n}" for n in range(REQUESTS)]),
        "GET /users/me": Load([f"/users/me?n={n}" for n in range(REQUESTS)], headers=bearer),
        "GET /games/recommended (100)": recommended(bearer, 100),
        "GET /games/recommended (10)": recommended(bearer, 10),
        "… (100), nothing changed": Load(["/games/recommended"], headers=bearer),
        "GET /games/{id}/similar (10)": Load(
            [f"/games/{1 + n % 500}/similar?page_size=10&n={n}" for n in range(REQUESTS)]
        ),
        "GET /games/trending (10)": Load(
            [f"/games/trending?page_size=10&n={n}" for n in range(REQUESTS)]
        ),
    }
    with foyer(data_dir) as server:
        base = None
        for name, each in reads.items():
            cpu = cpu_per_request(server, each)
            base = base or cpu
            print(f"{name:30} {cpu * 1e6:6,.0f} µs  {cpu / base:5.2f} x", flush=True)
        beats = Load([f"/playsessions/{play}/heartbeat" for play in plays], "POST", headers=bearer)
        cpu = cpu_per_request(server, beats)
        share = cpu * PLAYERS / HEARTBEAT_SECONDS
        print(f"{'POST …/heartbeat':30} {cpu * 1e6:6,.0f} µs; {PLAYERS:,} players: {share:.1%}")


def recommended(headers: dict[str, str], page_size: int) -> Load:
    paths = [f"/games/recommended?page_size={page_size}&n={n}" for n in range(REQUESTS)]
    return Load(paths, headers=headers)


def cpu_per_request(server: Server, sent: Load) -> float:
    before = server.cpu_seconds()
    result = load.run(server.base, sent, seconds=4)
    if result.errors:
        raise SystemExit(f"{sent.paths[0]}: {result.errors} errors")
    return (server.cpu_seconds() - before) / result.requests


if __name__ == "__main__":
    main()
