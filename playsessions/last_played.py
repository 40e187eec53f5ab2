"""Everybody's last play, for staff (requirement A5)."""

from datetime import datetime
from functools import cache
from typing import Any, TypedDict

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery

from playsessions.models import PlaySession
from users.models import User


class LastPlayedRow(TypedDict):
    id: int
    username: str | None
    email: str | None
    last_play__created_at: datetime | None
    last_play__last_seen_at: datetime | None
    last_play__ended_at: datetime | None
    last_play__game__id: int | None
    last_play__game__name: str | None
    last_play__game__genre__id: int | None
    last_play__game__genre__name: str | None


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
    ).values(*LastPlayedRow.__annotations__)
    return users
