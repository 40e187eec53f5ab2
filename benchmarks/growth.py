"""Does a call cost more when the tables are larger? `python -m benchmarks.growth plays|users`.

Plays: 10 thousand, 1 million and 10 million of 10,000 users. Users: 10 thousand and 1 million, each
with two plays, a session and a repository, every tenth with an organization; all lists, and those
of the admin. One process for each size calls the application itself, in turns with the others, so
that what else the machine does hits all of them alike; nothing comes from the response cache. The
best processor time of many calls counts. SQLite, in a temporary folder (8 GB).
"""

import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.children import ask, start_child

PROJECT = Path(__file__).resolve().parents[1]
SIZES = {"plays": (10_000, 1_000_000, 10_000_000), "users": (10_000, 1_000_000)}
ROUNDS = int(os.environ.get("ROUNDS", "30"))
CALLS = 3  # of each case in a round
USERS, GAMES = 10_000, 1_000
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"


class Case(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {re.sub('cursor=[^&]*', 'cursor=…', self.path)}"


def main(kind: str) -> None:
    with tempfile.TemporaryDirectory(prefix="foyer-growth-") as folder:
        children = [
            start_child(
                ["-m", "benchmarks.growth", kind, str(size)],
                checkout=PROJECT,
                data_dir=Path(folder) / str(size),
            )
            for size in SIZES[kind]
        ]
        try:
            _report(SIZES[kind], *_measured(children))
        finally:
            for child in children:
                child.terminate()
                child.wait()


def _measured(
    children: list["subprocess.Popen[str]"],
) -> tuple[list[dict[str, float]], list[dict[str, list[str]]]]:
    """Of each child: the best seconds and the remarks about the queries of each case."""
    remarks = [ask(child) for child in children]
    best: list[dict[str, float]] = [{} for _ in children]
    for _ in range(ROUNDS):
        for child, times in zip(children, best, strict=True):
            for case, seconds in ask(child).items():
                times[case] = min(seconds, times.get(case, seconds))
    return best, remarks


def _report(
    sizes: tuple[int, ...],
    best: list[dict[str, float]],
    remarks: list[dict[str, list[str]]],
) -> None:
    print(
        f"{'ms of processor, and the last by the first':58}" + "".join(f"{n:>12,}" for n in sizes)
    )
    for case in best[0]:
        times = "".join(f"{one[case] * 1000:12.2f}" for one in best)
        print(f"{case:58}{times}{best[-1][case] / best[0][case]:8.2f}")
        said = [one[case] for one in remarks]
        for text in said[-1]:
            print(f"    {text}")
        if said[0][0] != said[-1][0]:
            print(f"    at the smallest size: {said[0][0]}")


def serve(kind: str, size: int) -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    database = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
    database.execute("PRAGMA synchronous=OFF")
    _fill(
        database,
        users=size if kind == "users" else USERS,
        plays=size * 2 if kind == "users" else size,
    )
    if kind == "users":
        _fill_other_tables(database)
    database.execute("ANALYZE")
    application = _Application(database)
    cases = _cases(kind, size, application)
    sys.stdin.readline()
    _say({str(case): application.remarks(case) for case in cases})
    for _ in sys.stdin:
        _say({str(case): min(application.seconds(case) for _ in range(CALLS)) for case in cases})


def _say(value: object) -> None:
    print(json.dumps(value), flush=True)


def _cases(kind: str, size: int, application: "_Application") -> list[Case]:
    from benchmarks import seed  # noqa: PLC0415

    player = {"HTTP_AUTHORIZATION": f"Bearer {seed.token_of(seed.PLAYER)}"}
    staff = {"HTTP_AUTHORIZATION": f"Bearer {seed.token_of(seed.STAFF)}"}
    play = Case("POST", "/playsessions", player, b'{"game": 7}')
    deep = Case("GET", _deep("/playsessions", "created_at", size), staff)
    if kind == "plays":
        return [
            Case("GET", "/users/lastplayed", staff),
            play,
            Case("GET", "/playsessions", staff),
            deep,
            Case("GET", "/playsessions?user=2&page_size=1", staff),
            Case("GET", "/playsessions?game=7&page_size=5", staff),
        ]
    lists = [
        *("/users", "/users?gender=female", "/users?organization=1", "/users?search=user00017"),
        *("/users/lastplayed", "/playsessions", "/playsessions?user=2", "/playsessions?game=7"),
        *("/users/me/games", "/organizations", "/organizations/1/members", "/games", "/genres"),
        *("/games/trending", "/games/1/plays", "/users/stats", "/auth/sessions", "/api/repos"),
        *("/api/owners", "/api/traffic"),
        _deep("/users", "id", size),
    ]
    return [
        play,
        deep,
        *(Case("GET", path, staff) for path in lists),
        *(Case("GET", path, application.admin_cookie()) for path in _admin_lists()),
    ]


def _deep(path: str, field: str, size: int) -> str:
    """The page in the middle of a list of everything."""
    from api.pagination import _encoded  # noqa: PLC0415
    from playsessions.models import PlaySession  # noqa: PLC0415

    middle: list[Any] = [size // 2]
    if field == "created_at":
        row = PlaySession.objects.order_by("id")[size // 2]
        middle = [row.created_at, row.pk]
    return f"{path}?cursor={_encoded(False, middle)}"


def _admin_lists() -> list[str]:
    from django.contrib import admin  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    names = [f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry]
    paths = [reverse(f"admin:{name}_changelist") for name in names]
    return [*paths, "/admin/users/user/?q=user00017", "/admin/users/user/?gender__exact=female"]


class _Application:
    """The WSGI application, called without a server."""

    def __init__(self, database: sqlite3.Connection) -> None:
        from django.core.servers.basehttp import (  # noqa: PLC0415
            get_internal_wsgi_application,
        )

        self._application: Callable[..., Any] = get_internal_wsgi_application()
        self._database = database

    def admin_cookie(self) -> dict[str, str]:
        from django.test import Client  # noqa: PLC0415

        from benchmarks import seed  # noqa: PLC0415
        from users.models import User  # noqa: PLC0415

        User.objects.filter(username=seed.STAFF).update(is_superuser=True)
        client = Client()
        client.force_login(User.objects.get(username=seed.STAFF))
        return {"HTTP_COOKIE": "; ".join(f"{k}={v.value}" for k, v in client.cookies.items())}

    def seconds(self, case: Case) -> float:
        # A commit by somebody else: nothing that is cached may be sent.
        self._database.execute("UPDATE users_user SET last_name = last_name || 'x' WHERE id = 9999")
        began = time.process_time()
        self._call(case)
        return time.process_time() - began

    def remarks(self, case: Case) -> list[str]:
        """The number of queries, and which of them look at every row or sort."""
        from django.db import connection  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        self.seconds(case)
        self._database.execute("UPDATE users_user SET last_name = 'x' WHERE id = 9999")
        with CaptureQueriesContext(connection) as queries:
            self._call(case)
        selects = [q["sql"] for q in queries.captured_queries if q["sql"].startswith("SELECT")]
        found = [f"{len(queries.captured_queries)} queries"]
        for sql in selects:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plan = [step[3] for step in cursor.fetchall()]
            found += [
                f"{step}: {sql[:300]}"
                for step in plan
                if "TEMP B-TREE" in step or (step.startswith("SCAN ") and "LIMIT" not in sql)
            ]
        return found

    def _call(self, case: Case) -> None:
        path, _, query = case.path.partition("?")
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": case.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(case.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(case.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **case.headers,
        }
        response = self._application(environ, lambda status, *_: said.append(status))
        content = b"".join(response)
        response.close()
        if said[0][:3] not in {"200", "201"}:
            raise SystemExit(f"{case}: {said[0]} {content[:300]!r}")


def _fill(database: sqlite3.Connection, *, users: int, plays: int) -> None:
    """The rows of `benchmarks.seed`, multiplied by SQL: objects would take an hour."""
    from benchmarks import seed  # noqa: PLC0415

    seed.seed(0)
    columns = [row[1] for row in database.execute("PRAGMA table_info(users_user)")]
    copied = [name for name in columns if name not in {"id", "username", "email", "search_text"}]
    with _WithoutIndexes(database, "users_user"):
        database.execute(
            f"INSERT INTO users_user (id, username, email, search_text, {', '.join(copied)})"
            f" {_NUMBERS.format(count=max(users - USERS, 1))} SELECT 10001 + i, 'person' || i,"
            f" 'person' || i || '@example.org', 'person' || i, {', '.join(copied)}"
            f" FROM n, (SELECT * FROM users_user WHERE username = '{seed.PLAYER}')"
            f" WHERE {users} > {USERS}"
        )
        database.execute("UPDATE users_user SET gender = 'female' WHERE id % 3 = 0")
    seconds_each = 365 * 86400 / plays
    with _WithoutIndexes(database, "playsessions_playsession"):
        database.execute(
            "INSERT INTO playsessions_playsession (user_id, game_id, created_at)"
            f" {_NUMBERS.format(count=plays)}"
            f" SELECT 1 + i % {users}, 1 + abs(random() % {GAMES}),"
            f" strftime('%Y-%m-%d %H:%M:%f', 1672531200 + i * {seconds_each}, 'unixepoch') || '000'"
            " FROM n"
        )
    with _WithoutIndexes(database, "games_playedgame"):
        database.execute(
            "INSERT INTO games_playedgame (user_id, game_id, plays, seconds, last_played_at)"
            " SELECT user_id, game_id, count(*), 600, max(created_at)"
            " FROM playsessions_playsession GROUP BY user_id, game_id"
        )
    database.execute(
        "UPDATE games_game SET play_count ="
        " (SELECT count(*) FROM playsessions_playsession WHERE game_id = games_game.id)"
    )
    database.execute(
        "INSERT INTO games_dailyplays (game_id, date, plays) SELECT game_id, date(created_at),"
        " count(*) FROM playsessions_playsession GROUP BY game_id, date(created_at)"
    )


def _fill_other_tables(database: sqlite3.Connection) -> None:
    at = "'2026-01-01 00:00:00.000000'"
    later = "'2036-01-01 00:00:00.000000'"
    for statement in (
        (
            "INSERT INTO users_session (id, created_at, last_used_at, expires_at, ip_address,"
            " user_agent, refresh_id, previous_refresh_id, refreshed_at, user_id) SELECT"
            f" lower(hex(randomblob(16))), {at}, {at}, {later}, '10.0.0.1', 'x', '', '', {at}, id"
            " FROM users_user"
        ),
        (
            f"INSERT INTO users_knownip (user_id, ip_hash, last_used_at) SELECT id, id, {at}"
            " FROM users_user"
        ),
        (
            "INSERT INTO organizations_organization (id, name, name_key, description, created_at)"
            f" SELECT id, 'Club ' || id, 'club ' || id, '', {at} FROM users_user WHERE id % 10 = 1"
        ),
        (
            "INSERT INTO users_user_organizations (user_id, organization_id, role)"
            " SELECT id, id - (id - 1) % 10, 'member' FROM users_user"
        ),
        (
            "INSERT INTO repos_repository (uuid, owner, name, key, created_at, is_demo, etags,"
            " etags_credential, last_error, user_id, archived, failed_days)"
            " SELECT lower(hex(randomblob(16))), 'octo', 'r' || id, 'octo/r' || id,"
            f" {at}, 0, '{{}}', '', '', id, 0, 0 FROM users_user"
        ),
    ):
        database.execute(statement)


class _WithoutIndexes:
    """They are built once, in the end."""

    def __init__(self, database: sqlite3.Connection, table: str) -> None:
        self._database = database
        self._indexes = dict(
            database.execute(
                "SELECT name, sql FROM sqlite_master"
                " WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?",
                [table],
            )
        )

    def __enter__(self) -> None:
        for name in self._indexes:
            self._database.execute(f'DROP INDEX "{name}"')

    def __exit__(self, *_: object) -> None:
        for sql in self._indexes.values():
            self._database.execute(sql)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["plays" | "users" as kind]:
            main(kind)
        case [kind, size]:
            serve(kind, int(size))
        case _:
            raise SystemExit(__doc__)
