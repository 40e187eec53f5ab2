"""What one person has played, game by game."""

from collections import Counter
from datetime import datetime
from typing import Any, TypedDict

from django.db.models import QuerySet

from games.models import PlayedGame
from playsessions.lengths import SILENCE, whole_seconds
from playsessions.models import PlaySession
from users.models import User


class MyGameRow(TypedDict):
    game_id: int
    game__name: str
    game__genre_id: int
    game__genre__name: str
    game__released: int | None
    game__play_count: int
    plays: int
    seconds: int
    last_played_at: datetime


def games_of(user: User) -> QuerySet[PlayedGame, Any]:
    rows: QuerySet[PlayedGame, Any] = PlayedGame.objects.filter(user=user).values(
        *MyGameRow.__annotations__
    )
    return rows


def seconds_under_way(user: User, *, now: datetime) -> Counter[int]:
    """By game, what `PlayedGame.seconds` does not know yet: the time since the last sign of life of
    the plays that are under way."""
    open_plays = PlaySession.objects.filter(user=user, ended_at__isnull=True).values_list(
        "game_id", "created_at", "last_seen_at"
    )
    since = now - SILENCE
    # Two steps into indexes. As one condition with OR they would scan all plays of the user.
    under_way = open_plays.filter(last_seen_at__gt=since).union(
        open_plays.filter(last_seen_at__isnull=True, created_at__gt=since), all=True
    )
    seconds: Counter[int] = Counter()
    for game_id, created_at, last_seen_at in under_way:
        counted = whole_seconds(created_at, last_seen_at or created_at)
        seconds[game_id] += whole_seconds(created_at, now) - counted
    return seconds
