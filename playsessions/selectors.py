"""Every read of play sessions. Rows come as values, not as models."""

from functools import cache
from typing import Any

from django.db.models import QuerySet

from playsessions.models import PlaySession
from users.models import User

PLAY_COLUMNS = ("id", "user_id", "game_id", "created_at", "last_seen_at", "ended_at")


def play_sessions_visible_to(
    viewer: User, *, user: int | None = None, game: int | None = None
) -> QuerySet[PlaySession, Any]:
    """Newest first: everybody's for staff, one's own for the rest; of one user and of one game,
    where these ids are given."""
    player = only_player_seen_by(viewer)
    visible = play_sessions() if player is None else play_sessions_of(player)
    if user is not None:
        visible = visible.filter(user_id=user)
    if game is not None:
        visible = visible.filter(game_id=game)
    return visible


def only_player_seen_by(viewer: User) -> int | None:
    """Whose plays alone `viewer` sees: one's own. None for staff, who see everybody's."""
    return None if viewer.has_staff_rights else viewer.pk


def play_sessions() -> QuerySet[PlaySession, Any]:
    return _play_sessions().all()


def play_sessions_of(user: int) -> QuerySet[PlaySession, Any]:
    return _play_sessions().filter(user_id=user)


@cache
def _play_sessions() -> QuerySet[PlaySession, Any]:
    """Never asked, only copied: naming the columns takes longer than finding a row."""
    newest_first = PlaySession.objects.order_by("-created_at", "-id")
    rows: QuerySet[PlaySession, Any] = newest_first.values(*PLAY_COLUMNS)
    return rows
