#!/usr/bin/env bash
# PGlite's socket server gives several connections, and they are one session.
#
# Versions: @electric-sql/pglite-socket 0.2.17 with @electric-sql/pglite 0.5.14 (npm), psycopg 3.3.9.
# Expected: a server that accepts ten PostgreSQL connections (`--max-connections=10`) has ten sessions.
# Seen:     transactions are kept apart: a second connection waits until the first has ended its own. All
#           that belongs to a session is shared. Both connections have the same pg_backend_pid(), a
#           setting made by one holds for the other, one reads the temporary table of the other, and
#           pg_try_advisory_lock(7) is granted to both.
# Why:      it is a quick PostgreSQL for tests. A test that two workers exclude each other by an advisory
#           lock fails there or, if it asks for "at least one", passes for the wrong reason;
#           `SET search_path` or `SET ROLE` of one test leaks into the next one's connection. Advisory
#           locks, SET and temporary tables are to be tested on a real server.
set -euo pipefail

folder=$(mktemp -d)
server=
clean() {
    if [ -n "$server" ]; then kill "$server"; wait; fi 2>/dev/null || true
    rm -rf "$folder"
}
trap clean EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet "psycopg[binary]==3.3.9"
npm init --yes >npm.log
npm install --no-audit --no-fund --silent @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17 >>npm.log

port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
node_modules/.bin/pglite-server --db=memory:// --host=127.0.0.1 --port="$port" --max-connections=10 >server.log 2>&1 &
server=$!

cat >sessions.py <<'PYTHON'
import sys
import threading
import time

import psycopg

def connect():
    return psycopg.connect(
        f"host=127.0.0.1 port={sys.argv[1]} user=postgres dbname=postgres sslmode=disable",
        autocommit=True, connect_timeout=10,
    )

for _ in range(300):
    try:
        connect().close()
        break
    except psycopg.OperationalError:
        time.sleep(0.1)

def one(connection, sql):
    return connection.execute(sql).fetchone()[0]

first, second = connect(), connect()
print("same pg_backend_pid():", one(first, "SELECT pg_backend_pid()") == one(second, "SELECT pg_backend_pid()"))
first.execute("SET lock_timeout = '5s'")
print("lock_timeout of the other connection:", one(second, "SHOW lock_timeout"))
first.execute("CREATE TEMPORARY TABLE mine AS SELECT 42 AS number")
print("temporary table of the other connection:", one(second, "SELECT number FROM mine"))
granted = [one(connection, "SELECT pg_try_advisory_lock(7)") for connection in (first, second)]
print("advisory lock granted to:", sum(granted), "of 2")

first.execute("BEGIN")
first.execute("CREATE TABLE shared AS SELECT 1 AS number")
reading = threading.Thread(target=one, args=(second, "SELECT 1"))
reading.start()
reading.join(2)
print("second connection waits for the transaction of the first:", reading.is_alive())
first.execute("ROLLBACK")
reading.join(10)
PYTHON
venv/bin/python sessions.py "$port" | tee seen

cat >expected <<'TEXT'
same pg_backend_pid(): True
lock_timeout of the other connection: 5s
temporary table of the other connection: 42
advisory lock granted to: 2 of 2
second connection waits for the transaction of the first: True
TEXT
diff expected seen && echo "as described"
