"""Everybody's last play, for staff (requirement A5)."""

from functools import cache
from typing import Any

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery

from playsessions.models import PlaySession
from users.models import User

COLUMNS = (
    *("id", "username", "email"),
    *("last_play__created_at", "last_play__last_seen_at", "last_play__ended_at"),
    *("last_play__game__id", "last_play__game__name"),
    *("last_play__game__genre__id", "last_play__game__genre__name"),
)


def users_with_last_play() -> QuerySet[User, Any]:
    """All users, each with the newest play or None.

    One query. For each user of a page one step into the index `playsessions_of_user` finds the
    play, so the cost does not grow with the number of plays.
    """
    return _users_with_last_play().all()


@cache
def _users_with_last_play() -> QuerySet[User, Any]:
    """Never asked, only copied: writing it takes longer than running it for a few users."""
    newest = PlaySession.objects.filter(user=OuterRef("pk")).order_by("-created_at", "-id")
    users: QuerySet[User, Any] = User.objects.alias(
        last_play=FilteredRelation(
            "play_sessions", condition=Q(play_sessions__pk=Subquery(newest.values("pk")[:1]))
        )
    ).values(*COLUMNS)
    return users
