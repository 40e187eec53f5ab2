"""Sixty days of daily runs, fifty of them killed: nothing is lost and nothing is counted twice."""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import answering_lines
from tests.repos.github_server import GitHubServer
from tests.repos.processes import Installation, installing
from tests.repos.simulation import DAYS, NAMES, Simulation

KILLS = 50
NEVER = 600.0

FOLLOW = f"""
import json
from datetime import UTC, datetime
from repos.models import TrackedRepository
from users.models import User
user = User.objects.create(email="ada@example.org")
for key in json.loads({json.dumps(json.dumps(list(NAMES)))}):
    owner, name = key.split("/")
    TrackedRepository.objects.create(user=user, owner=owner, name=name, key=key,
                                     created_at=datetime.now(UTC))
"""


@contextmanager
def fetches_of(installation: Installation) -> Iterator[Callable[[float], int]]:
    """`fetch(seconds)` is the exit status of a run that is killed after so many seconds."""
    environment = installation.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    with answering_lines("tests.system.forked_fetches", environment) as ask:
        yield lambda seconds: int(ask(str(seconds)))


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer().running() as server:
        yield server


@pytest.fixture
def install(tmp_path: Path, server: GitHubServer) -> Callable[[str], Installation]:
    return installing(tmp_path, server, script=FOLLOW)


def test_what_is_stored_is_the_same_after_fifty_kills(
    install: Callable[[str], Installation], server: GitHubServer
) -> None:
    simulation = Simulation(server)
    undisturbed, killed = install("undisturbed"), install("killed")
    chance = random.Random(7)
    kill_days = set(chance.sample(range(DAYS), KILLS))
    kills = 0

    with fetches_of(undisturbed) as fetch, fetches_of(killed) as fetch_killed:
        for n in range(DAYS):
            simulation.advance_to(n)
            expected = 1 if simulation.is_outage(n) else 0
            started = time.monotonic()
            assert fetch(NEVER) == expected, n
            duration = time.monotonic() - started
            if n in kill_days:
                kills += fetch_killed(chance.uniform(0, duration)) == -9
                killed.tables()  # and the database is sound
            assert fetch_killed(NEVER) == expected, n
            assert killed.tables() == undisturbed.tables(), n

    assert kills
    assert len(undisturbed.tables()["downloads"]) > DAYS / 2
