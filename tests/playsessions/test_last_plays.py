"""The copy of everybody's newest play, which triggers keep."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from playsessions.models import LastPlay, PlaySession
from tests.factories import PlaySessionFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def player() -> User:
    return UserFactory.create()


def copied(player: User) -> dict[str, Any] | None:
    row = LastPlay.objects.filter(user=player).values().first()
    return dict(row) if row else None


def as_copied(play: PlaySession) -> dict[str, Any]:
    return {
        "user_id": play.user_id,
        "play_session_id": play.pk,
        "game_id": play.game_id,
        "created_at": play.created_at,
        "last_seen_at": play.last_seen_at,
        "ended_at": play.ended_at,
    }


def test_newest_play_is_copied_whoever_stores_it(player: User) -> None:
    PlaySessionFactory.create()
    assert copied(player) is None

    first = PlaySessionFactory.create(user=player)
    assert copied(player) == as_copied(first)

    now = timezone.now()
    [last] = PlaySession.objects.bulk_create(
        [PlaySession(user=player, game=first.game, created_at=now, last_seen_at=now, ended_at=now)]
    )
    assert copied(player) == as_copied(last)


def test_play_that_is_stored_late_is_not_the_newest(player: User) -> None:
    newest = PlaySessionFactory.create(user=player)
    PlaySessionFactory.create(user=player, created_at=newest.created_at - timedelta(seconds=1))

    assert copied(player) == as_copied(newest)


def test_of_plays_at_one_instant_the_last_one_is_the_newest(player: User) -> None:
    first = PlaySessionFactory.create(user=player)
    second = PlaySessionFactory.create(user=player, created_at=first.created_at)

    assert copied(player) == as_copied(second)


def test_copy_follows_heartbeats_and_the_end(player: User) -> None:
    earlier, newest = PlaySessionFactory.create_batch(2, user=player)

    newest.last_seen_at = newest.created_at + timedelta(seconds=30)
    newest.save()
    assert copied(player) == as_copied(newest)

    newest.ended_at = newest.last_seen_at
    newest.save()
    assert copied(player) == as_copied(newest)

    earlier.last_seen_at = earlier.ended_at = newest.ended_at
    earlier.save()
    assert copied(player) == as_copied(newest)


def test_copy_follows_corrections(player: User) -> None:
    earlier, newest = PlaySessionFactory.create_batch(2, user=player)

    newest.created_at = earlier.created_at - timedelta(seconds=1)
    newest.save()
    assert copied(player) == as_copied(earlier)

    other = PlaySessionFactory.create()
    PlaySession.objects.update(created_at=timezone.now(), game=other.game)
    newest.refresh_from_db()
    assert copied(player) == as_copied(newest)

    newest.user = other.user
    newest.save()
    earlier.refresh_from_db()
    other.refresh_from_db()
    assert copied(player) == as_copied(earlier)
    assert copied(other.user) == as_copied(other)

    PlaySession.objects.update(user=other.user)
    assert copied(player) is None


def test_deleted_play_is_followed_by_the_one_before_it(player: User) -> None:
    oldest, middle, newest = PlaySessionFactory.create_batch(3, user=player)

    newest.delete()
    assert copied(player) == as_copied(middle)

    oldest.delete()
    assert copied(player) == as_copied(middle)

    middle.delete()
    assert copied(player) is None


def test_all_plays_of_many_are_deleted_at_once(player: User) -> None:
    PlaySessionFactory.create_batch(3, user=player)
    other = PlaySessionFactory.create()

    PlaySession.objects.filter(user=player).delete()

    assert list(LastPlay.objects.values()) == [as_copied(other)]


def test_account_is_deleted_with_its_plays(player: User) -> None:
    PlaySessionFactory.create_batch(2, user=player)

    player.delete()

    assert not LastPlay.objects.exists()


def test_migration_finds_the_plays_that_are_stored_already(player: User) -> None:
    migration = import_module("playsessions.migrations.0004_last_plays")
    with connection.cursor() as cursor:
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        migration.drop(apps, editor)
        _, newest = PlaySessionFactory.create_batch(2, user=player)
        late = PlaySessionFactory.create(created_at=newest.created_at - timedelta(days=1))
        UserFactory.create()
        assert not LastPlay.objects.exists()

        # PostgreSQL creates no trigger on a table whose deferred constraints are not checked yet.
        connection.check_constraints()
        migration.create(apps, editor)

    assert list(LastPlay.objects.order_by("user").values()) == [as_copied(newest), as_copied(late)]
    assert copied(player) == as_copied(newest)
    later = PlaySessionFactory.create(user=player)
    assert copied(player) == as_copied(later)
