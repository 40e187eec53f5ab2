"""Reading accounts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Manager, QuerySet

from core.text import search_words
from users.models import Session, User


def all_users(
    *, search: str = "", organization_id: int | None = None, gender: str | None = None
) -> QuerySet[User]:
    """Users with their organizations. Each word of `search` is in a name or the email address."""
    users = User.objects.prefetch_related("organizations")
    for word in search_words(search):
        users = users.filter(search_text__contains=word)
    if organization_id is not None:
        users = users.filter(organizations=organization_id)
    if gender is not None:
        users = users.filter(gender=gender)
    return users


def live_sessions_of(user: User, *, now: datetime) -> QuerySet[Session]:
    """Newest first."""
    return Session.objects.filter(user=user, expires_at__gt=now).order_by("-created_at", "-id")


def organizations_of(user: User) -> Iterable[Any]:
    """Their brief form. As SQL where nobody has fetched them yet, because everybody who looks at
    one account asks: the ORM takes ten times as long to write this query as to read its answer."""
    if "organizations" in getattr(user, "_prefetched_objects_cache", ()):
        return user.organizations.all()
    return _organizations().raw(
        "SELECT organization.id, name, description FROM organizations_organization organization"
        " JOIN users_user_organizations ON organization_id = organization.id"
        " WHERE user_id = %s ORDER BY organization.id",
        [user.pk],
    )


def organizations_by_ids(ids: Collection[int]) -> list[Any]:
    """Those that exist, in one query."""
    return list(_organizations().filter(pk__in=ids))


def _organizations() -> Manager[Any]:
    """By the relation of the model: the app of organizations lies above this one."""
    return User._meta.get_field("organizations").related_model._default_manager
