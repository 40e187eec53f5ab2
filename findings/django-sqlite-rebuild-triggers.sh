#!/usr/bin/env bash
# A migration of Django that adds a field or a constraint on SQLite drops the triggers of the table without a word, and
# fails where a trigger of another table writes this one.
#
# Versions: Django 5.2.19 with SQLite 3.40.1, which Debian 12 has; the failure also with 3.53.4.
# Expected: a trigger stays until it is dropped, as on PostgreSQL, at least when a field is added, for which SQLite has
#           a statement that leaves triggers alone (https://www.sqlite.org/lang_altertable.html).
# Seen:     a new field that may be null, an index and new choices leave the trigger. A new field with a default, also
#           one that the database keeps (db_default), a longer text, a constraint and a check copy the table, drop it
#           and rename the copy: the trigger is gone, `migrate` succeeds. The same on the table that the trigger writes
#           ends with "no such table" of a table that is there.
# Why:      counters and copies that triggers keep stand still from that migration on, on SQLite alone, so tests on
#           PostgreSQL pass; nothing fails before somebody compares them.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check django==5.2.19
mkdir -p shop/migrations
touch shop/__init__.py shop/migrations/__init__.py

cat >change.py <<'PYTHON'
"""What is left of a trigger after one change by a migration, each in a database of its own."""
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["shop"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "0.sqlite3"}},
)
django.setup()
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.utils import OperationalError

TABLES = [
    migrations.CreateModel(
        "Shop",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=50)),
            ("orders", models.IntegerField(default=0)),
        ],
    ),
    migrations.CreateModel(
        "Order",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("shop", models.ForeignKey("shop.Shop", models.CASCADE)),
            ("note", models.CharField(max_length=50)),
        ],
    ),
    migrations.RunSQL(
        "CREATE TRIGGER count_orders AFTER INSERT ON shop_order BEGIN"
        " UPDATE shop_shop SET orders = orders + 1 WHERE id = NEW.shop_id; END"
    ),
]


def field(model, **options):
    return migrations.AddField(model, "extra", models.IntegerField(**options))


def note(**options):
    return migrations.AlterField("Order", "note", models.CharField(**options))


def constraint(kind, **options):
    return migrations.AddConstraint("Order", kind(name="notes", **options))


CHANGES = {
    "a field, null": field("Order", null=True),
    "an index": migrations.AddIndex("Order", models.Index(fields=["note"], name="notes")),
    "choices": note(max_length=50, choices=[("a", "b")]),
    "a field, default": field("Order", default=0),
    "a field, db_default": field("Order", db_default=0),
    "a longer text": note(max_length=60),
    "a constraint": constraint(models.UniqueConstraint, fields=["note"]),
    "a check": constraint(models.CheckConstraint, condition=models.Q(note__gt="")),
    "the other table, a field": field("Shop", default=0),
}


def migrate(state, *operations):
    migration = type("Migration", (migrations.Migration,), {"operations": list(operations)})
    with connection.schema_editor(atomic=True) as editor:
        return migration("0001", "shop").apply(state, editor)


for number, (name, change) in enumerate(CHANGES.items()):
    connection.close()
    connection.settings_dict["NAME"] = f"{number}.sqlite3"
    state = migrate(ProjectState(), *TABLES)
    try:
        migrate(state, change)
    except OperationalError as error:
        print(f"{name}: {error}")
        continue
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        print(f"{name}: {'kept' if cursor.fetchall() else 'gone'}")
PYTHON

seen=$(venv/bin/python change.py)
echo "The trigger after a migration:"
echo "$seen"
[ "$seen" = "a field, null: kept
an index: kept
choices: kept
a field, default: gone
a field, db_default: gone
a longer text: gone
a constraint: gone
a check: gone
the other table, a field: error in trigger count_orders: no such table: main.shop_shop" ]
