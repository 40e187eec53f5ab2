#!/usr/bin/env bash
# SQLite plans a prepared query anew at each run when its LIMIT is a parameter.
#
# Versions: SQLite 3.54.1 beside 3.46.1 (apsw 3.54.1.0 and 3.46.1.0); the same in 3.47.2 to 3.53.4, also through the
#           package pysqlite3 0.6.1.
# Expected: a prepared statement is planned once, and again only when the schema changes, or when the value of a
#           parameter in WHERE may choose another index (https://www.sqlite.org/c3ref/prepare.html: LIKE, GLOB, and
#           statistics of STAT4).
# Seen:     since 3.47 the planner reads the value bound to LIMIT, so each binding of it makes the statement outdated,
#           the same value too: the first run plans twice, each later one once. With the number in the text of the
#           query, or the parameter in OFFSET alone, later runs plan nothing. The authorizer, which is called while a
#           query is planned, shows it.
# Why:      queries with a page size are asked all day, and drivers keep statements so that nothing is planned twice.
#           In one API the plan of a join of two tables, for a page of 100 rows, took a tenth of the processor time of
#           the whole response; a text for each size costs nothing.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >count.py <<'PYTHON'
"""Prints the version, and for each query in how many of five runs the planner was at work."""
import apsw

database = apsw.Connection(":memory:")
database.execute("CREATE TABLE play (id INTEGER PRIMARY KEY, game INTEGER)")
database.executemany("INSERT INTO play (game) VALUES (?)", [(number % 10,) for number in range(1000)])
calls = 0


def count(*_):
    global calls
    calls += 1
    return apsw.SQLITE_OK


database.authorizer = count


def planned(query, *values):
    """Of the five runs after the first."""
    runs = 0
    for run in range(6):
        before = calls
        assert len(database.execute(query, values).fetchall()) == 100
        runs += run > 0 and calls > before
    return runs


print(
    apsw.sqlite_lib_version(),
    planned("SELECT id FROM play ORDER BY id LIMIT 100"),
    planned("SELECT id FROM play ORDER BY id LIMIT 100 OFFSET ?", 0),
    planned("SELECT id FROM play ORDER BY id LIMIT ?", 100),
)
PYTHON

seen=""
for version in 3.46.1.0 3.54.1.0; do
    python3 -m venv --clear venv
    venv/bin/pip install --quiet --disable-pip-version-check "apsw==$version"
    seen+="$(venv/bin/python count.py)"$'\n'
done
echo "SQLite; of five later runs planned anew: LIMIT 100, LIMIT 100 OFFSET ?, LIMIT ?"
printf %s "$seen"
[ "$seen" = $'3.46.1 0 0 0\n3.54.1 0 0 5\n' ]
