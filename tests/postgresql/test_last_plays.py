"""Two transactions that change the plays of one user at once leave the copy of the newest right."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from playsessions.models import LastPlay, PlaySession
from tests.concurrency import wait_until
from tests.conftest import ApiAs
from tests.factories import GameFactory, PlaySessionFactory, UserFactory
from tests.postgresql.servers import needs_postgresql
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), needs_postgresql]

_PLAY = "playsessions_playsession"
CHANGES = {
    "delete older": f"DELETE FROM {_PLAY} WHERE id = %(older)s",
    "delete newest": f"DELETE FROM {_PLAY} WHERE id = %(newest)s",
    "correct older": f"UPDATE {_PLAY} SET game_id = %(game)s WHERE id = %(older)s",
    "end older": f"UPDATE {_PLAY} SET ended_at = created_at WHERE id = %(older)s",
    "end newest": f"UPDATE {_PLAY} SET ended_at = created_at WHERE id = %(newest)s",
    "older becomes newest": f"UPDATE {_PLAY} SET created_at = '2030-01-01' WHERE id = %(older)s",
    "newest becomes oldest": f"UPDATE {_PLAY} SET created_at = '2020-01-01' WHERE id = %(newest)s",
    "older was another's": f"UPDATE {_PLAY} SET user_id = %(other)s WHERE id = %(older)s",
    "another plays": f"INSERT INTO {_PLAY} (user_id, game_id, created_at)"
    " VALUES (%(other)s, %(game)s, '2026-01-01')",
}


@pytest.fixture
def player() -> User:
    return UserFactory.create()


@pytest.fixture
def values(player: User) -> dict[str, int]:
    """Of the changes."""
    newest = PlaySessionFactory.create(user=player)
    older = PlaySessionFactory.create(user=player, created_at=newest.created_at - timedelta(days=1))
    return {
        "older": older.pk,
        "newest": newest.pk,
        "game": GameFactory.create().pk,
        "other": UserFactory.create().pk,
    }


@contextmanager
def uncommitted(change: str, values: dict[str, int]) -> Iterator[Callable[[], None]]:
    """`change` by a connection of its own; what is yielded commits it."""
    other = connection.copy()
    other.ensure_connection()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(CHANGES[change], values)
        yield other.commit
    finally:
        other.close()


def begun_before_the_commit(commit: Callable[[], None], call: Callable[[], Any]) -> Any:
    """What `call` returns. It ends, or waits for a lock, before the commit."""

    def made() -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(made)
        assert wait_until(lambda: result.done() or _somebody_waits())
        commit()
        return result.result()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone() is not None


def execute(change: str, values: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHANGES[change], values)


def copies_as_they_should_be() -> dict[int, tuple[Any, ...]]:
    plays = PlaySession.objects.order_by("created_at", "id")
    return {
        play.user_id: (play.pk, play.game_id, play.created_at, play.last_seen_at, play.ended_at)
        for play in plays
    }


@pytest.mark.parametrize("second", CHANGES)
@pytest.mark.parametrize("first", CHANGES)
def test_two_changes_at_once(player: User, values: dict[str, int], first: str, second: str) -> None:
    with uncommitted(first, values) as commit:
        begun_before_the_commit(commit, partial(execute, second, values))

    copies = {user_id: tuple(copy) for user_id, *copy in LastPlay.objects.values_list()}
    assert copies == copies_as_they_should_be()
    player.delete()
    assert not LastPlay.objects.filter(user_id=player.pk).exists()


@pytest.mark.parametrize("change", CHANGES)
def test_an_account_is_deleted_while_its_plays_change(
    player: User, values: dict[str, int], api_as: ApiAs, change: str
) -> None:
    client = api_as(player)

    with uncommitted(change, values) as commit:
        response = begun_before_the_commit(commit, partial(client.delete, "/users/me"))

    assert response.status_code == 204
    assert not LastPlay.objects.filter(user_id=player.pk).exists()


def test_truncated_plays_take_the_copies_along(values: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_PLAY}")

    assert not LastPlay.objects.exists()
