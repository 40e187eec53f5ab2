"""Reading accounts."""

from datetime import datetime

from django.db.models import QuerySet

from config.text import folded
from users.models import Session, User


def all_users(
    *, search: str = "", organization_id: int | None = None, gender: str | None = None
) -> QuerySet[User]:
    """Users with their organizations. `search` finds part of a name or of the email address."""
    users = User.objects.prefetch_related("organizations")
    if search:
        users = users.filter(search_text__contains=folded(search))
    if organization_id is not None:
        users = users.filter(organizations=organization_id)
    if gender is not None:
        users = users.filter(gender=gender)
    return users


def live_sessions_of(user: User, *, now: datetime) -> QuerySet[Session]:
    """Newest first."""
    return Session.objects.filter(user=user, expires_at__gt=now).order_by("-created_at", "-id")
