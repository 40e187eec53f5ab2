#!/usr/bin/env bash
# statement_timeout does not end a COMMIT that waits for its standby, and a cancelled one is a success.
#
# Versions: PostgreSQL 15 of Debian, psycopg 3.3.9.
# Expected: with `synchronous_standby_names` set and no standby there, COMMIT waits, and statement_timeout
#           ends it like any statement, with an error (57014). Whoever was told "error" has no row.
# Seen:     pg_sleep ends after a second; COMMIT waits for as long as the standby is away. After
#           pg_cancel_backend (and so after a client's own cancel request) COMMIT returns without an
#           error, the row is visible, and only a WARNING says that no standby has it; it goes to a
#           notice handler that nearly no application sets. After pg_terminate_backend the client sees a
#           lost connection, and the row is visible as well.
# Why:      a web application with all its time-outs set stands still, with every worker in COMMIT, for as
#           long as its only standby is restarted; the cancel that frees it acknowledges orders which the
#           next failover loses. Name two standbys (ANY 1 (a, b)), watch `wait_event = 'SyncRep'`, and
#           treat a notice at COMMIT as a failure.
# Source:   postgres.c ends the time-out in finish_xact_command() before CommitTransactionCommand().
set -euo pipefail

folder=$(mktemp -d)
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
clean() {
    if [ -e server/data/postmaster.pid ]; then as_owner "$programs/pg_ctl" stop -D server/data -m immediate >/dev/null; fi
    rm -rf "$folder"
}
trap clean EXIT
cd "$folder"

find_programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
[ -n "$(find_programs)" ] || apt-get install --yes --no-install-recommends postgresql >apt.log
programs=$(find_programs)
python3 -m venv venv
venv/bin/pip install --quiet 'psycopg[binary]==3.3.9'

chmod 755 "$folder"
mkdir server && chown postgres server 2>/dev/null || true
as_owner "$programs/initdb" -D server/data --auth=trust --username=postgres --no-sync >initdb.log
as_owner "$programs/pg_ctl" start -w -D server/data -l server/log -o "-c listen_addresses= -k $folder/server" >start.log

cat >commit.py <<'PYTHON'
import sys
import threading
import time

import psycopg

address = f"host={sys.argv[1]} user=postgres dbname=postgres"
setup = psycopg.connect(address, autocommit=True)
setup.execute("CREATE TABLE orders (id int PRIMARY KEY)")
setup.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
setup.execute("SELECT pg_reload_conf()")
while setup.execute("SHOW synchronous_standby_names").fetchone() != ("*",):
    time.sleep(0.1)


def outcome(name, end_it=None):
    """What a client with a time-out of a second is told, and what lies in the table."""
    with psycopg.connect(address) as connection:
        notices = []
        connection.add_notice_handler(lambda notice: notices.append(f"{notice.severity} {notice.sqlstate}"))
        connection.execute("SET statement_timeout = '1s'")
        connection.execute("INSERT INTO orders VALUES (1)")
        begun = time.monotonic()
        ender = threading.Timer(5, lambda: setup.execute(f"SELECT {end_it}({connection.info.backend_pid})"))
        ender.start()
        try:
            connection.commit()
            told = "success"
        except psycopg.Error as error:
            told = f"{type(error).__name__} {error.sqlstate}"
        waited = "more than 4 s" if time.monotonic() - begun > 4 else "less"
        ender.join()
    stored = setup.execute("SELECT count(*) FROM orders").fetchone()[0]
    print(f"COMMIT, {name}: waited {waited}, {told}, {', '.join(notices) or 'no notice'}, rows {stored}")
    setup.execute("DELETE FROM orders")


with psycopg.connect(address) as connection:
    connection.execute("SET statement_timeout = '1s'")
    try:
        connection.execute("SELECT pg_sleep(60)")
    except psycopg.Error as error:
        print(f"pg_sleep: {type(error).__name__} {error.sqlstate}")
setup.execute("SET synchronous_commit = local")
outcome("then pg_cancel_backend", "pg_cancel_backend")
outcome("then pg_terminate_backend", "pg_terminate_backend")
PYTHON
venv/bin/python -u commit.py "$folder/server" | tee seen

cat >expected <<'TEXT'
pg_sleep: QueryCanceled 57014
COMMIT, then pg_cancel_backend: waited more than 4 s, success, WARNING 01000, rows 1
COMMIT, then pg_terminate_backend: waited more than 4 s, OperationalError None, WARNING 57P01, rows 1
TEXT
diff expected seen && echo "as described"
