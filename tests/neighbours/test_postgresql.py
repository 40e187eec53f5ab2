"""PostgreSQL restarted, replaced by its standby, and copied, while people sign up and play."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.neighbours.load import Players, set_up_with_a_game
from tests.neighbours.servers import Postgresql, postgresql, postgresql_standby
from tests.system.installation import Installation

# What is counted beside the rows, and the rows that it counts.
COUNTERS = {
    "plays": "SELECT count(*) FROM games_game g WHERE play_count"
    " <> (SELECT count(*) FROM playsessions_playsession p WHERE p.game_id = g.id)",
    "plays of a day": "SELECT (SELECT sum(plays) FROM games_dailyplays)"
    " - (SELECT count(*) FROM playsessions_playsession)",
    "members": "SELECT count(*) FROM organizations_organization o WHERE member_count"
    " <> (SELECT count(*) FROM users_user_organizations m WHERE m.organization_id = o.id)",
}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "foyer"
    folder.mkdir()
    return folder


@pytest.fixture
def primary(tmp_path: Path) -> Iterator[Postgresql]:
    folder = tmp_path / "primary"
    folder.mkdir()
    with postgresql(folder) as server:
        yield server


def installation(data_dir: Path, url: str) -> Installation:
    foyer = Installation(data_dir, DATABASE_URL=url, WEB_WORKERS="2")
    set_up_with_a_game(foyer)
    return foyer


def assert_nothing_is_missing(database: str, load: Players) -> None:
    with psycopg.connect(database) as connection:

        def stored(table: str) -> set[int]:
            return {row[0] for row in connection.execute(f"SELECT id FROM {table}".encode())}

        assert set(load.users) <= stored("users_user")
        assert set(load.plays) <= stored("playsessions_playsession")
        for query in COUNTERS.values():
            assert connection.execute(query.encode()).fetchone() == (0,), query
    assert len(set(load.plays)) == len(load.plays)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_under_load_costs_503_and_no_row(
    mode: str, primary: Postgresql, data_dir: Path
) -> None:
    foyer = installation(data_dir, primary.url)
    with foyer.running("runall"), Players(foyer) as load:
        load.wait_for(20)
        primary.stop(mode)
        primary.start()
        load.wait_for(20)

    assert set(load.responses) <= {201, 503}
    assert_nothing_is_missing(primary.url, load)


def test_a_standby_takes_over_under_load(
    primary: Postgresql, data_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "standby"
    folder.mkdir()
    with postgresql_standby(folder, primary) as standby:
        ports = f"{primary.port},{standby.port}"
        foyer = installation(
            data_dir,
            "postgresql://postgres@/postgres?host=127.0.0.1,127.0.0.1"
            f"&port={ports}&target_session_attrs=read-write",
        )
        with foyer.running("runall"), Players(foyer) as load:
            load.wait_for(20)
            primary.stop("immediate")
            standby.promote()
            load.wait_for(20)

        assert set(load.responses) <= {201, 503}
        assert_nothing_is_missing(standby.url, load)


def test_a_dump_under_load_restores_to_a_whole_installation(
    primary: Postgresql, data_dir: Path, tmp_path: Path
) -> None:
    foyer = installation(data_dir, primary.url)
    dump = tmp_path / "foyer.dump"
    copy_url = primary.url.removesuffix("postgres") + "copy"
    with foyer.running("runall"), Players(foyer) as load:
        load.wait_for(20)
        users, plays = list(load.users), list(load.plays)
        primary.run("pg_dump", "--format=custom", "--file", str(dump), primary.url)
        load.wait_for(20)
    with psycopg.connect(primary.url, autocommit=True) as server:
        server.execute("CREATE DATABASE copy")
    primary.run("pg_restore", "--exit-on-error", "--no-owner", "--dbname", copy_url, str(dump))

    load.users, load.plays = users, plays
    assert_nothing_is_missing(copy_url, load)
    assert _rules(copy_url) == _rules(primary.url)
    copy = Installation(data_dir, DATABASE_URL=copy_url, WEB_WORKERS="1")
    assert "every migration is in" in copy.manage("doctor").stdout
    with copy.running("runall"), Players(copy) as load:
        load.wait_for(5)
    assert set(load.responses) == {201}


def _rules(database: str) -> set[tuple[str, ...]]:
    """Constraints, indexes and triggers, as the database spells them."""
    constraints = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    )
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    triggers = (
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal"
    )
    queries = (constraints, indexes, triggers)
    with psycopg.connect(database) as connection:
        return {row for query in queries for row in connection.execute(query.encode())}
