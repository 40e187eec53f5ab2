"""The connection that all threads share fails as Django's own do, and sees what it should."""

import asyncio

import pytest
from django.db import DatabaseError, connection, transaction

from core.db.version import database_version, quick_rows, rows_as_committed
from tests.api.test_response_cache import in_another_connection
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only there event loops ask")
def test_in_an_event_loop_what_comes_after_a_commit_sees_it() -> None:
    async def versions() -> list[object]:
        loop = asyncio.get_running_loop()
        seen: list[object] = [database_version()]
        loop.call_soon(lambda: seen.append(database_version()))
        in_another_connection(GenreFactory.create)
        # Ready before the commit: may still see the version of before. Ready after it: must not.
        loop.call_soon(lambda: seen.append(database_version()))
        await asyncio.sleep(0)
        return seen

    before, _, after = asyncio.run(versions())

    assert after != before
