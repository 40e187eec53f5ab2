"""The connection that all threads share fails as Django's own do, and sees what it should."""

import pytest
from django.db import DatabaseError, transaction

from core.db.version import quick_rows, rows_as_committed
from tests.factories import GenreFactory

GENRES = "SELECT name FROM games_genre WHERE name <> %s"


@pytest.mark.django_db(transaction=True)
def test_a_query_that_fails_raises_what_django_raises() -> None:
    with pytest.raises(DatabaseError):
        rows_as_committed("SELECT nothing FROM nowhere")


@pytest.mark.django_db(transaction=True)
def test_a_quick_query_sees_what_its_own_transaction_wrote_and_else_what_is_committed() -> None:
    with transaction.atomic():
        GenreFactory.create(name="undone")
        assert quick_rows(GENRES, [""]) == [("undone",)]
        transaction.set_rollback(True)
    assert quick_rows(GENRES, [""]) == []

    GenreFactory.create(name="stored")

    assert quick_rows(GENRES, [""]) == [("stored",)]
