#!/usr/bin/env bash
# A time that Django's Now() stored in SQLite is not equal to itself, and is smaller than itself.
#
# Versions: Django 5.2.19 with djangorestframework 3.18.3; the same with Django 6.1.3. SQLite 3.40.1 and 3.53.4.
# Expected: Now(), as the default of a field (db_default=Now()) or in an update, stores a time. Whoever reads it and
#           asks for that time finds the row, and asks for earlier ones without the row, as on PostgreSQL.
# Seen:     Now() writes three digits of the second, "12:00:00.123". Django passes a datetime with six,
#           "12:00:00.123000". SQLite compares them as text: the row is not found by its own time, ">=" leaves it out,
#           and "<" finds it. The datetime that is read does not show it. A field with auto_now_add is right.
# Why:      it happens to each row, not to one of a thousand. Reading in pages by the time of the last row, newest
#           first, comes back to that row: CursorPagination of DRF gives the same page for ever. "What is new since ..."
#           with ">=" misses a row, and a check by the time that was read ("nobody has changed it meanwhile") always
#           fails.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check django==5.2.19 djangorestframework==3.18.3

cat >times.py <<'PYTHON'
"""Asks for rows by the times that were read from them."""
import time

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    USE_TZ=True,
)
django.setup()
from django.db import connection, models
from django.db.models.functions import Now
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory


class ByDatabase(models.Model):
    created = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "news"


class ByPython(models.Model):
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "news"


class NewestFirst(CursorPagination):
    ordering = "-created"
    page_size = 1


def some_rows(model):
    """Four rows of different times, none of them within the first millisecond of a second: there, the text is
    smaller by chance, or has no fraction."""
    with connection.schema_editor() as editor:
        editor.create_model(model)
    while model.objects.count() < 4:
        row = model.objects.create()
        row.refresh_from_db()
        if row.created.microsecond < 1000:
            row.delete()
        time.sleep(0.002)
    return model.objects.order_by("created")


def pages(model):
    """The places of the rows on the first eight pages."""
    numbers = {row.pk: number for number, row in enumerate(model.objects.order_by("created"), 1)}
    address = "/"
    for _ in range(8):
        paginator = NewestFirst()
        request = Request(APIRequestFactory().get(address))
        for row in paginator.paginate_queryset(model.objects.all(), request):
            yield str(numbers[row.pk])
        address = paginator.get_next_link()
        if address is None:
            return


for name, model in {"auto_now_add": ByPython, "db_default=Now()": ByDatabase}.items():
    rows = some_rows(model)
    first, last = rows.first(), rows.last()
    print(
        f"{name}: of 4 rows, the last by its time: {model.objects.filter(created=last.created).count()},"
        f" since the first: {model.objects.filter(created__gte=first.created).count()},"
        f" before the first: {model.objects.filter(created__lt=first.created).count()};"
        f" pages: {' '.join(pages(model))}"
    )
    if model is ByPython:
        row = rows.first()
        model.objects.filter(pk=row.pk).update(created=Now())
        row.refresh_from_db()
        print(f"update(created=Now()): by its time: {model.objects.filter(created=row.created).count()}")
PYTHON
venv/bin/python times.py | tee seen

cat >expected <<'TEXT'
auto_now_add: of 4 rows, the last by its time: 1, since the first: 4, before the first: 0; pages: 4 3 2 1
update(created=Now()): by its time: 0
db_default=Now(): of 4 rows, the last by its time: 0, since the first: 3, before the first: 1; pages: 4 4 4 4 4 4 4 4
TEXT
diff expected seen && echo "as described"
