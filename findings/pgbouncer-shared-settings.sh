#!/usr/bin/env bash
# PgBouncer in transaction mode: SET TimeZone stays with its client, SET lock_timeout goes to the next one.
#
# Versions: PgBouncer (Debian's package, 1.18 here) before PostgreSQL (15 here), psycopg 3.3.9.
# Expected: settings of a session either all stay with the client or all leak to the next client that is
#           given the same server connection; and a client that made no setting sees the defaults.
# Seen:     what PostgreSQL reports to its client (TimeZone, DateStyle, client_encoding,
#           standard_conforming_strings) is restored for each client. Everything else leaks, of it
#           default_transaction_read_only with the worst effect: the next client cannot write.
#           application_name is restored only for clients that have set one: a nameless client shows in
#           pg_stat_activity under the name of a stranger.
# Why:      the usual trial, SET TIME ZONE on two connections, shows that pooling is transparent, and so
#           does a test suite whose settings happen to be the reported ones. Use SET LOCAL, or give
#           settings to the role (ALTER ROLE ... SET).
# Source:   PgBouncer's documentation lists SET as unsupported in transaction mode, and the restored
#           parameters under track_extra_parameters.
set -euo pipefail

folder=$(mktemp -d)
chmod 755 "$folder"
clean() {
    as_postgres "$programs/pg_ctl" -D "$folder/postgres/data" -m immediate stop >"$folder/stop.log" 2>&1 || true
    if [ -f "$folder/postgres/pid" ]; then kill "$(cat "$folder/postgres/pid")" || true; fi
    sleep 1
    rm -rf "$folder"
}
trap clean EXIT
cd "$folder"

command -v pgbouncer >/dev/null || apt-get install --yes --no-install-recommends pgbouncer >apt.log
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || apt-get install --yes --no-install-recommends postgresql >apt.log
programs=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
python3 -m venv venv
venv/bin/pip install --quiet "psycopg[binary]==3.3.9"

# Neither server runs as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
mkdir postgres
if [ "$(id -u)" = 0 ]; then chown postgres postgres; fi
read -r database pool < <(python3 -c '
import socket
probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(probe.getsockname()[1] for probe in probes))')

as_postgres "$programs/initdb" -D "$folder/postgres/data" --auth=trust --username=postgres >initdb.log
as_postgres "$programs/pg_ctl" -D "$folder/postgres/data" -w -l "$folder/postgres/log" \
    -o "-p $database -k $folder/postgres -c listen_addresses=127.0.0.1" start >start.log
cat >pool.ini <<INI
[databases]
postgres = host=127.0.0.1 port=$database user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pool
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
pidfile = $folder/postgres/pid
logfile = $folder/postgres/pool.log
INI
as_postgres pgbouncer --quiet --daemon "$folder/pool.ini"

cat >settings.py <<'PYTHON'
import sys
import time

import psycopg

def connect(**options):
    return psycopg.connect(
        f"host=127.0.0.1 port={sys.argv[1]} user=postgres dbname=postgres",
        autocommit=True, connect_timeout=10, **options,
    )

for _ in range(100):
    try:
        connect().close()
        break
    except psycopg.OperationalError:
        time.sleep(0.1)

first, second = connect(), connect()
for name, value in {
    "TimeZone": "Asia/Tokyo",
    "DateStyle": "German",
    "lock_timeout": "5s",
    "bytea_output": "escape",
    "default_transaction_read_only": "on",
    "application_name": "first",
}.items():
    before = second.execute(f"SHOW {name}").fetchone()[0]
    first.execute(f"SET {name} = '{value}'")
    after = second.execute(f"SHOW {name}").fetchone()[0]
    print(f"{name}: {'stays with its client' if before == after else 'seen by the other client'}")
    first.execute(f"RESET {name}")
    second.execute(f"RESET {name}")

named = connect(application_name="named")
first.execute("SET application_name = 'first'")
print("application_name, other client has its own:", named.execute("SHOW application_name").fetchone()[0])
PYTHON
venv/bin/python settings.py "$pool" | tee seen

cat >expected <<'TEXT'
TimeZone: stays with its client
DateStyle: stays with its client
lock_timeout: seen by the other client
bytea_output: seen by the other client
default_transaction_read_only: seen by the other client
application_name: seen by the other client
application_name, other client has its own: named
TEXT
diff expected seen && echo "as described"
