#!/usr/bin/env bash
# An index over a fraction's text is corrupt after SQLite goes from 3.51 to 3.53; `quick_check` says "ok".
#
# Versions: SQLite 3.51.3 and 3.53.0, as shipped in the PyPI packages apsw 3.51.3.0 and 3.53.0.0.
# Expected: an SQLite file written by one release is sound for the next. CAST(x AS TEXT) is deterministic,
#           so it is allowed in an index, and gives the same text in every release.
# Seen:     the newer library writes fractions with up to 17 digits where the older wrote 15. An index
#           on CAST(price AS TEXT) holds the old texts: `PRAGMA integrity_check` reports missing rows,
#           a look-up by the index finds nothing where the same look-up without the index finds the row,
#           and a UNIQUE index lets the same price in a second time. `PRAGMA quick_check` reports "ok",
#           since it does not compare indexes with rows. REINDEX mends it (and says where duplicates are).
# Why:      one file is often opened by two libraries: an application with its own (a wheel, a container
#           image) and the sqlite3 program of the distribution; or by one application before and after an
#           upgrade of its base image. It holds for generated columns and CHECK constraints over such a
#           text as well. Run `integrity_check` after an upgrade of the library, not `quick_check`, and
#           index whole numbers.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
for release in 3.51.3.0 3.53.0.0; do
    venv/bin/pip install --quiet --no-deps --target "$release" "apsw==$release"
done

cat >write.py <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
import apsw

database = apsw.Connection("shop.sqlite3")
database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, price REAL)")
database.execute("CREATE UNIQUE INDEX item_price ON item (CAST(price AS TEXT))")
database.executemany("INSERT INTO item (price) VALUES (?)", [(0.1 + 0.2,), (0.25,), (0.7 + 0.1,), (2.5,)])
print(f"{apsw.sqlitelibversion()} wrote 4 rows:", *database.execute("PRAGMA integrity_check").fetchone())
PYTHON
cat >read.py <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
import apsw

database = apsw.Connection("shop.sqlite3")

def one(sql, *values):
    return database.execute(sql, values).fetchone()[0]

print(f"{apsw.sqlitelibversion()} quick_check:", one("PRAGMA quick_check"))
faults = [row[0] for row in database.execute("PRAGMA integrity_check")]
print("integrity_check:", ", ".join(faults))
look_up = "SELECT count(*) FROM item {} WHERE CAST(price AS TEXT) = CAST(? AS TEXT)"
print("found by the index:", one(look_up.format("INDEXED BY item_price"), 0.1 + 0.2))
print("found by reading the table:", one(look_up.format("NOT INDEXED"), 0.1 + 0.2))
database.execute("INSERT INTO item (price) VALUES (?)", (0.1 + 0.2,))
print("the same price again in a UNIQUE index: accepted")
try:
    database.execute("REINDEX")
except apsw.ConstraintError as error:
    print("REINDEX:", error)
database.execute("DELETE FROM item WHERE id = 5")
database.execute("REINDEX")
print("REINDEX without the duplicate:", one("PRAGMA integrity_check"))
PYTHON
{
    venv/bin/python write.py 3.51.3.0
    venv/bin/python read.py 3.53.0.0
} >seen 2>&1 || true
cat seen

cat >expected <<'TEXT'
3.51.3 wrote 4 rows: ok
3.53.0 quick_check: ok
integrity_check: row 1 missing from index item_price, row 3 missing from index item_price
found by the index: 0
found by reading the table: 1
the same price again in a UNIQUE index: accepted
REINDEX: UNIQUE constraint failed: index 'item_price'
REINDEX without the duplicate: ok
TEXT
diff expected seen && echo "as described"
