#!/usr/bin/env bash
# SQLite: what ANALYZE finds out is used by the connection that ran it, and not by those that were open already.
#
# Versions: SQLite 3.54.1 (apsw 3.54.1.0); the same in 3.50.4 and 3.53.4.
# Expected: ANALYZE in a nightly job makes the plans of a web server better too. The statistics are a table of the
#           database, and SQLite tells other connections of a new index or a new column at their next statement.
# Seen:     a connection takes the statistics in with the schema, and keeps them. A later ANALYZE in another connection
#           changes none of its plans, not even of a query that it prepares for the first time, while a SELECT shows it
#           the new figures. Only the very first ANALYZE reaches it, since that one creates the table. ANALYZE
#           sqlite_schema, any change of the schema or a new connection brings the rest.
# Why:      a web server keeps its connections for minutes, hours or for good. The table changes, the job says that it
#           is done, EXPLAIN QUERY PLAN in a shell shows the good plan, and the server goes on with the plan for the
#           data of the day on which it connected: here 100,108 steps of SQLite's machine instead of 359.
#           Sessions of PostgreSQL 15 take the new plan at once.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check apsw==3.54.1.0

cat >plans.py <<'PYTHON'
"""Which index each connection takes for one query, and how many steps of SQLite's machine the query takes."""
import apsw

QUERY = "SELECT id FROM orders WHERE day = 7 AND customer = 1"


def connect():
    # Each query is prepared when it is asked.
    connection = apsw.Connection("orders.sqlite3", statementcachesize=0)
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    return connection


def insert(rows):
    job.execute("BEGIN")
    job.executemany("INSERT INTO orders (day, customer) VALUES (?, ?)", rows)
    job.execute("COMMIT")


def ask(name, connection):
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        return False

    connection.set_progress_handler(count, 1)
    connection.execute(QUERY).fetchall()
    connection.set_progress_handler(None)
    ((_, _, _, plan),) = connection.execute(f"EXPLAIN QUERY PLAN {QUERY}").fetchall()
    (index,) = (word for word in plan.split() if word.startswith("by_"))
    print(f"{name}: {index}, {'few' if steps < 1000 else 'many'} steps")


job = connect()
job.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, day INTEGER, customer INTEGER)")
job.execute("CREATE INDEX by_customer ON orders (customer)")
job.execute("CREATE INDEX by_day ON orders (day)")
server = connect()
# Day 7, the first one: a thousand orders of as many customers.
insert((7, number) for number in range(1000))
ask("before the first ANALYZE, server", server)
job.execute("ANALYZE")
ask("after the first ANALYZE, server", server)
# A year later one customer is left, with 50 orders a day.
job.execute("DELETE FROM orders")
insert((number // 50, 1) for number in range(20_000))
job.execute("ANALYZE")
ask("after the second ANALYZE, job", job)
ask("after the second ANALYZE, new connection", connect())
ask("after the second ANALYZE, server", server)
figures = [each.execute("SELECT idx, stat FROM sqlite_stat1").fetchall() for each in (job, server)]
print(f"the server reads the new figures: {'yes' if figures[0] == figures[1] else 'no'}")
server.execute("ANALYZE sqlite_schema")
ask("after ANALYZE sqlite_schema, server", server)
PYTHON
venv/bin/python plans.py | tee seen
cat >expected <<'TEXT'
before the first ANALYZE, server: by_day, many steps
after the first ANALYZE, server: by_customer, few steps
after the second ANALYZE, job: by_day, few steps
after the second ANALYZE, new connection: by_day, few steps
after the second ANALYZE, server: by_customer, many steps
the server reads the new figures: yes
after ANALYZE sqlite_schema, server: by_day, few steps
TEXT
diff expected seen && echo "as described"
