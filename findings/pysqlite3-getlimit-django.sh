#!/usr/bin/env bash
# A newer SQLite by pysqlite3 stops Django 6.1 from storing anything in bulk: it has no getlimit().
#
# Versions: Django 6.1.3 beside 5.2.19, pysqlite3 0.6.1; Python 3.12 or newer for Django 6.
# Expected: pysqlite3 is put in place of `sqlite3` in sys.modules for a current SQLite, and has the same
#           interface; what runs on the one runs on the other, in a patch of Django as in the next.
# Seen:     with Django 5.2 all works. Django 6.1 asks the connection for its number of variables
#           (Connection.getlimit, in Python's sqlite3 since 3.11) before each bulk insert, and pysqlite3
#           has no such method: AttributeError in bulk_create(), and already in `migrate`, which stores the
#           content types in bulk. Opening, reading and single inserts work, so a check of the version
#           at the start passes.
# Why:      the wheel is the usual way to a SQLite without the WAL-reset bug (fixed in 3.51.3) on a
#           distribution with an older library. With Django 6.1 it takes a Python that is linked to a
#           current SQLite instead, or PostgreSQL.
# Source:   django/db/backends/sqlite3/features.py, max_query_params.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python=
for candidate in python3 python3.15 python3.14 python3.13 python3.12 ~/.pyenv/versions/3.1[2-9]*/bin/python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then python=$candidate; fi
done
[ -n "$python" ] || { echo "Python 3.12 or newer is needed" >&2; exit 2; }

cat >store.py <<'PYTHON'
import sys

import pysqlite3

if sys.argv[1] == "pysqlite3":
    import pysqlite3.dbapi2

    sys.modules["sqlite3"], sys.modules["sqlite3.dbapi2"] = pysqlite3, pysqlite3.dbapi2

import django
from django.conf import settings
from django.db import connection, models

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()


class Game(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "shop"


with connection.schema_editor() as editor:
    editor.create_model(Game)
Game.objects.create(name="Ico")
try:
    Game.objects.bulk_create([Game(name="Okami"), Game(name="Abzu")])
    bulk = "stored"
except AttributeError as error:
    bulk = f"AttributeError, {error.name}"
print(f"Django {django.__version__}, {sys.argv[1]}: single insert stored, bulk insert {bulk}, rows {Game.objects.count()}")
PYTHON
for release in 5.2.19 6.1.3; do
    "$python" -m venv "venv-$release"
    "venv-$release/bin/pip" install --quiet "django==$release" pysqlite3==0.6.1
    for library in sqlite3 pysqlite3; do "venv-$release/bin/python" store.py "$library"; done
done | tee seen

cat >expected <<'TEXT'
Django 5.2.19, sqlite3: single insert stored, bulk insert stored, rows 3
Django 5.2.19, pysqlite3: single insert stored, bulk insert stored, rows 3
Django 6.1.3, sqlite3: single insert stored, bulk insert stored, rows 3
Django 6.1.3, pysqlite3: single insert stored, bulk insert AttributeError, getlimit, rows 1
TEXT
diff expected seen && echo "as described"
