"""What a migration that copies a table of SQLite keeps."""

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL copies no tables"),
]


def migrate(state: ProjectState, operation: migrations.operations.base.Operation) -> ProjectState:
    migration = type("Migration", (migrations.Migration,), {"operations": [operation]})
    with connection.schema_editor() as editor:
        after: ProjectState = migration("0001", "club").apply(state, editor)
    return after


@pytest.mark.parametrize("deleted", [1, 5])
def test_an_id_is_given_once(deleted: int) -> None:
    by_number: models.Field[Any, Any] = models.BigAutoField(primary_key=True)
    state = migrate(ProjectState(), migrations.CreateModel("Member", [("id", by_number)]))
    member = state.apps.get_model("club", "Member")
    ids = [member.objects.create().pk for _ in range(5)]
    member.objects.filter(pk__in=ids[-deleted:]).delete()

    visits: models.Field[Any, Any] = models.IntegerField(default=0)
    state = migrate(state, migrations.AddField("Member", "visits", visits))

    member = state.apps.get_model("club", "Member")
    try:
        assert member.objects.create().pk == ids[-1] + 1
    finally:
        migrate(state, migrations.DeleteModel("Member"))
