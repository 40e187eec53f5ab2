"""What does a list cost with a million users? `python -m benchmarks.million_users [USERS [PATHS]]`

Fills the tables by SQL: users, two plays, a session, a known address, a membership, a repository of
each. Then asks for every list of the API and of the admin: first page, one deep inside, searches,
orders, filters, the file of a page. Prints milliseconds, queries, and the rows (PostgreSQL) or the
thousands of steps of SQLite's machine that the most expensive query took. A `!` stands before what
took more than LIMIT: that grows with the table. In a temporary folder on SQLite, or on the empty
database of DATABASE_URL. PATHS is a regular expression of those to be asked for. With FILLED=1 the
database of DATA_DIR or DATABASE_URL is one that an earlier run has filled.
"""

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
GAMES = 1_000
# Rows on PostgreSQL; steps of SQLite's machine, some 20 of which go into a row.
LIMITS = {"postgresql": 15_000, "sqlite": 300_000}
_EVERY = 1_000  # steps of SQLite's machine


def fill(users: int) -> None:
    from django.db import connection  # noqa: PLC0415

    from benchmarks import seed  # noqa: PLC0415

    seed.seed(0)
    on_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if not on_sqlite:
            cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT max(id) FROM users_user")
        last = cursor.fetchone()[0]
        cursor.execute("SELECT * FROM users_user LIMIT 0")
        columns = [column[0] for column in cursor.description]
    copied = ", ".join(c for c in columns if c not in {"id", "username", "email", "search_text"})
    hexes = "lower(hex(randomblob(16)))" if on_sqlite else "gen_random_uuid()"
    numbers = (
        f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {users - last})"
        " SELECT i FROM n)"
        if on_sqlite
        else f"(SELECT generate_series(1, {users - last}) AS i)"
    )

    def at(expression: str) -> str:
        if on_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {expression}, 'unixepoch') || '000'"
        return f"to_timestamp({expression})"

    def date(expression: str) -> str:
        return f"date({expression})" if on_sqlite else f"({expression} AT TIME ZONE 'UTC')::date"

    false, empty = ("0", "'{}'") if on_sqlite else ("false", "'{}'::jsonb")
    steady = at("1767225600 + id")
    for statement in (
        (
            f"INSERT INTO users_user (id, username, email, search_text, {copied})"
            f" SELECT {last} + i, 'person' || i, 'person' || i || '@example.org', 'person' || i,"
            f" {copied} FROM {numbers} AS n,"
            f" (SELECT {copied} FROM users_user WHERE username = '{seed.PLAYER}') AS one"
        ),
        "UPDATE users_user SET gender = 'female' WHERE id % 3 = 0",
        (
            "INSERT INTO playsessions_playsession (user_id, game_id, created_at)"
            f" SELECT id, 1 + (id * 7 + turn) % {GAMES}, {at('1700000000 + id * 30 + turn * 7')}"
            " FROM users_user, (SELECT 1 AS turn UNION ALL SELECT 2) AS turns"
        ),
        (
            "INSERT INTO games_playedgame (user_id, game_id, plays, seconds, last_played_at)"
            " SELECT user_id, game_id, count(*), 600, max(created_at)"
            " FROM playsessions_playsession GROUP BY user_id, game_id"
        ),
        (
            "UPDATE games_game SET play_count = (SELECT count(*) FROM playsessions_playsession"
            " WHERE game_id = games_game.id)"
        ),
        (
            "INSERT INTO games_dailyplays (game_id, date, plays)"
            f" SELECT game_id, {date('created_at')}, count(*)"
            f" FROM playsessions_playsession GROUP BY game_id, {date('created_at')}"
        ),
        (
            "INSERT INTO users_session (id, created_at, last_used_at, expires_at, ip_address,"
            " user_agent, refresh_id, previous_refresh_id, refreshed_at, user_id)"
            f" SELECT {hexes}, {steady}, {steady}, {at('2082758400 + id')}, '10.0.0.1', 'Browser',"
            f" '', '', {steady}, id FROM users_user"
        ),
        (
            "INSERT INTO users_knownip (user_id, ip_hash, last_used_at)"
            f" SELECT id, CAST(id AS text), {steady} FROM users_user"
        ),
        (
            "INSERT INTO organizations_organization (id, name, name_key, description, created_at)"
            f" SELECT id, 'Club ' || id, 'club ' || id, '', {steady} FROM users_user"
            " WHERE id % 10 = 1"
        ),
        (
            "INSERT INTO users_user_organizations (user_id, organization_id, role)"
            " SELECT id, id - (id - 1) % 10, 'member' FROM users_user"
        ),
        (
            "INSERT INTO repos_repository (uuid, owner, name, key, created_at, is_demo, etags,"
            " etags_credential, last_error, user_id, archived, failed_days)"
            f" SELECT {hexes}, 'octo', 'r' || id, 'octo/r' || id, {steady}, {false}, {empty}, '',"
            f" '', id, {false}, 0 FROM users_user"
        ),
        (
            "INSERT INTO repos_trafficday (repository_id, date, views, unique_visitors, complete)"
            f" SELECT id, {date(steady)}, 9, 4, {false} FROM repos_repository"
        ),
    ):
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(statement)
        print(f"{time.monotonic() - began:6.1f} s  {statement[:70]}", flush=True)
    with connection.cursor() as cursor:
        if not on_sqlite:
            cursor.execute("SELECT setval('users_user_id_seq', (SELECT max(id) FROM users_user))")
        cursor.execute("ANALYZE" if on_sqlite else "VACUUM ANALYZE")
        if not on_sqlite:
            cursor.execute("RESET statement_timeout")


@contextmanager
def costs() -> Iterator[list[tuple[int, str]]]:
    """Of each SELECT within: what it cost, in the unit of LIMITS, and its text."""
    from django.db import connection  # noqa: PLC0415

    from tests.queries import noted_selects  # noqa: PLC0415

    found: list[tuple[int, str]] = []
    with noted_selects() as noted:
        yield found
    for sql, params in noted:
        measure = _steps if connection.vendor == "sqlite" else _rows
        found.append((measure(sql, params), sql))


def _steps(sql: str, params: Any) -> int:
    from django.db import connection  # noqa: PLC0415

    rounds = 0

    def count() -> int:
        nonlocal rounds
        rounds += 1
        return 0

    connection.ensure_connection()
    connection.connection.set_progress_handler(count, _EVERY)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.fetchall()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return rounds * _EVERY


def _rows(sql: str, params: Any) -> int:
    """Rows that the steps of the plan read or threw away, those of the largest step."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    if isinstance(plan, str):
        plan = json.loads(plan)
    return max(_rows_of(plan[0]["Plan"]))


def _rows_of(step: dict[str, Any]) -> Iterator[int]:
    thrown = step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Join Filter", 0)
    yield int((step["Actual Rows"] + thrown) * step["Actual Loops"])
    for inner in step.get("Plans", ()):
        yield from _rows_of(inner)


def api_paths(users: int) -> list[str]:
    """The lists of the API, with what narrows and orders them. A deep page is one whose cursor is
    in the middle."""
    lists = (
        "/users", "/users?gender=female", "/users?organization=1", "/users?search=person55",
        "/users?search=user00017", "/users?search=nobody-is-called-this", "/users/lastplayed",
        "/playsessions", "/playsessions?user=2", "/playsessions?game=7",
        "/playsessions?user=2&game=7", "/users/me/games", "/organizations",
        "/organizations/1/members", "/organizations/1/invitations", "/games", "/games?search=0007",
        "/games?ordering=-play_count", "/games?genre=1&ordering=name", "/genres",
        "/games/trending", "/games/recommended", "/games/1/similar", "/games/1/plays",
        "/users/stats", "/auth/sessions", "/api/repos", "/api/owners", "/api/traffic",
    )  # fmt: skip
    return [*lists, *_deep_pages(users)]


def _deep_pages(users: int) -> Iterator[str]:
    from api.pagination import _encoded  # noqa: PLC0415
    from playsessions.models import PlaySession  # noqa: PLC0415

    middle = users // 2
    for path in ("/users", "/users?gender=female", "/users/lastplayed", "/organizations"):
        yield f"{path}{'&' if '?' in path else '?'}cursor={_encoded(False, [middle])}"
    play = PlaySession.objects.order_by("id")[users]
    yield f"/playsessions?cursor={_encoded(False, [play.created_at, play.pk])}"
    yield f"/playsessions?game=7&cursor={_encoded(False, [play.created_at, play.pk])}"


def admin_paths(wanted: re.Pattern[str]) -> Iterator[str]:
    """Each list of the admin that is wanted: the first page, the deepest, a search that finds
    a few and one that finds nothing, each order that its head offers, each of its filters."""
    from django.contrib import admin  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from users.models import User  # noqa: PLC0415

    client = Client()
    client.force_login(User.objects.filter(is_superuser=True)[0])
    for model, shown in admin.site._registry.items():
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if not wanted.search(path):
            continue
        yield path
        if model._default_manager.count() > 5_000:
            yield f"{path}?p=50"
        if shown.search_fields:
            yield from (f"{path}?q=user00017", f"{path}?q=nobody-is-called-this")
        sortable = shown.list_display if shown.sortable_by is None else shown.sortable_by
        for number, name in enumerate(shown.list_display, 1):
            if name in sortable and get_order_column(shown, model, str(name)):
                yield from (f"{path}?o={number}", f"{path}?o=-{number}")
        page = client.get(path).content.decode().replace("&amp;", "&")
        links = sorted(set(re.findall(r'href="(\?[a-z_]+=[^"]+)"', page)))
        yield from (path + link for link in links if not re.match(r"\?[opq]=", link))


def get_order_column(shown: Any, model: Any, name: str) -> Any:
    """What a list of the admin is sorted by for one of its columns, None where it is not."""
    from django.core.exceptions import FieldDoesNotExist  # noqa: PLC0415

    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        attribute = getattr(shown, name, None) or getattr(model, name, None)
        return getattr(attribute, "admin_order_field", None)


def measure(users: int, wanted: re.Pattern[str]) -> int:
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.contrib import admin  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from benchmarks import seed  # noqa: PLC0415
    from users.models import User  # noqa: PLC0415

    logging.disable(logging.ERROR)
    settings.ALLOWED_HOSTS = ["testserver"]
    if not os.environ.get("FILLED"):
        call_command("migrate", verbosity=0)
        fill(users)
    User.objects.filter(username=seed.STAFF).update(is_superuser=True)
    staff = Client(headers={"Authorization": f"Bearer {seed.token_of(seed.STAFF)}"})
    in_admin = Client()
    in_admin.force_login(User.objects.get(username=seed.STAFF))
    grown = 0

    def ask(client: Client, method: str, path: str, data: Any = None) -> None:
        nonlocal grown
        call = getattr(client, method)
        with costs() as found:
            answer = call(path, data) if data else call(path)
            size = len(b"".join(answer) if answer.streaming else answer.content)
        User.objects.filter(pk=9999).update(last_name=str(time.monotonic()))  # nothing cached
        began = time.perf_counter()
        answer = call(path, data) if data else call(path)
        size = len(b"".join(answer) if answer.streaming else answer.content)
        seconds = time.perf_counter() - began
        cost, sql = max(found, default=(0, ""))
        too_much = cost > LIMITS[connection.vendor]
        grown += too_much
        shown = re.sub("cursor=.*", "cursor=…", path)
        print(
            f"{'!' if too_much else ' '} {seconds * 1000:8.1f} ms {len(found):3} SELECTs"
            f" {cost:>10,} {answer.status_code} {size:>8,} {method} {shown}",
            flush=True,
        )
        if too_much:
            print(f"      {sql[:150]} … {sql[-250:]}")

    for path in filter(wanted.search, api_paths(users)):
        ask(staff, "get", path)
    for path in admin_paths(wanted):
        ask(in_admin, "get", path)
    for model in admin.site._registry:
        first = model._default_manager.order_by("pk").values_list("pk", flat=True)[:100]
        rows = [str(pk) for pk in first]
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if rows and wanted.search(path):
            chosen = {"action": "export_csv", "_selected_action": rows}
            ask(in_admin, "post", path, chosen)
    if wanted.search("/admin/users/user/"):
        everything = {"action": "export_csv", "_selected_action": ["1"], "select_across": "1"}
        ask(in_admin, "post", "/admin/users/user/", everything)
    print(f"{grown} grow with the table")
    return grown


def main(users: int, wanted: str) -> int:
    with tempfile.TemporaryDirectory(prefix="foyer-million-") as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": os.environ.get("DATA_DIR", folder),
            "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
            "FILLED": os.environ.get("FILLED", ""),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        command = [sys.executable, "-m", "benchmarks.million_users", "measure"]
        command += [str(users), wanted]
        return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["measure", users, wanted]:
            sys.exit(1 if measure(int(users), re.compile(wanted)) else 0)
        case [users, wanted]:
            sys.exit(main(int(users), wanted))
        case arguments:
            sys.exit(main(int(arguments[0]) if arguments else 1_000_000, ""))
