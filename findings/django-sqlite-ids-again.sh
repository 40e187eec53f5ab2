#!/usr/bin/env bash
# On SQLite a migration of Django that adds a field with a default lets ids of deleted rows be given again.
#
# Versions: Django 5.2.19 with SQLite 3.40.1 and 3.53.4; the same with Django 6.1.3.
# Expected: an id is given once. Django makes the primary key AUTOINCREMENT for that, where SQLite alone would take
#           the highest id and one more, and SQLite keeps the highest id ever given in sqlite_sequence
#           (https://www.sqlite.org/autoinc.html). A new field changes nothing there, as on PostgreSQL 15.
# Seen:     where the migration copies the table, drops it and renames the copy, SQLite begins to count with the
#           copied rows. The next row gets the id of the newest row that was deleted; after a table was emptied, 1.
#           The table is AUTOINCREMENT before and after, so nothing in the schema shows it.
# Why:      what names a row by its id outlives the row: logs, exports, caches, links in mails, signed tokens, rows
#           without a foreign key, other services. After such a migration it means another row, say another person.
#           Tests on an empty database, or on PostgreSQL, pass.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check django==5.2.19
mkdir -p club/migrations
touch club/__init__.py club/migrations/__init__.py

cat >change.py <<'PYTHON'
"""The id of the next row after one change by a migration, each in a database of its own."""
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["club"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "0.sqlite3"}},
)
django.setup()
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

TABLE = migrations.CreateModel(
    "Member",
    [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=50))],
)


def field(**options):
    return migrations.AddField("Member", "visits", models.IntegerField(**options))


CHANGES = {
    "no change": None,
    "a field, null": field(null=True),
    "a field, default": field(default=0),
    "a longer text": migrations.AlterField("Member", "name", models.CharField(max_length=60)),
    "a constraint": migrations.AddConstraint(
        "Member", models.UniqueConstraint(fields=["name"], name="names")
    ),
}


def migrate(state, operation):
    migration = type("Migration", (migrations.Migration,), {"operations": [operation]})
    with connection.schema_editor(atomic=True) as editor:
        return migration("0001", "club").apply(state, editor)


def next_id(database, change, *, kept):
    """Of five members, those with the lowest ids stay. The table is changed, and a sixth member comes."""
    connection.close()
    connection.settings_dict["NAME"] = database
    state = migrate(ProjectState(), TABLE)
    member = state.apps.get_model("club", "Member")
    for number in range(1, 6):
        assert member.objects.create(name=f"member {number}").pk == number
    member.objects.filter(pk__gt=kept).delete()
    if change:
        state = migrate(state, change)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'club_member'")
        assert "AUTOINCREMENT" in cursor.fetchone()[0]
    return state.apps.get_model("club", "Member").objects.create(name="member 6").pk


for number, (name, change) in enumerate(CHANGES.items()):
    one = next_id(f"{number}-one.sqlite3", change, kept=4)
    none = next_id(f"{number}-none.sqlite3", change, kept=0)
    print(f"{name}: {one}, {none}")
PYTHON

seen=$(venv/bin/python change.py)
echo "Five members got the ids 1 to 5. The id of the sixth, after the fifth was deleted, and after all were:"
echo "$seen"
[ "$seen" = "no change: 6, 6
a field, null: 6, 6
a field, default: 5, 1
a longer text: 5, 1
a constraint: 5, 1" ]
