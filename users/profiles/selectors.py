"""Reading accounts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Manager, QuerySet

from core.exceptions import Forbidden, NotFound
from core.text import search_words, strip_invisible
from users.models import Session, User


class NotYourAccount(Forbidden):
    code = "not_your_account"
    message = "Only the owner of an account and staff may use it."


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


def editable_user(*, viewer: User, pk: int | None = None, username: str | None = None) -> User:
    """The account of that id or username, whatever its case and the spaces around it; without
    either, the viewer's own.

    Others than its owner and staff get NotYourAccount whether it exists or not, staff NotFound
    when it does not.
    """
    if _is_own(viewer, pk, username):
        return viewer
    if not viewer.is_staff:
        raise NotYourAccount
    viewer.require_staff_rights()
    if username is not None:
        # PostgreSQL fails on a NUL rather than finding nothing.
        found = User.objects.with_username(username).first() if "\0" not in username else None
    else:
        found = all_users().filter(pk=pk or 0).first()
    if found is None:
        raise NotFound("There is no account with this username." if username else None)
    return found


def _is_own(viewer: User, pk: int | None, username: str | None) -> bool:
    if username is not None:
        return strip_invisible(username).lower() == (viewer.username or "").lower()
    return pk is None or pk == viewer.pk


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
    """All of them, in one query. Raises ValidationError under `organizations` for unknown ids."""
    organizations = list(_organizations().filter(pk__in=set(ids))) if ids else []
    if unknown := sorted(set(ids) - {organization.pk for organization in organizations}):
        names = ", ".join(map(str, unknown))
        error = ValidationError(f"There is no organization {names}.", code="does_not_exist")
        raise ValidationError({"organizations": error})
    return organizations


def _organizations() -> Manager[Any]:
    """By the relation of the model: the app of organizations lies above this one."""
    return User._meta.get_field("organizations").related_model._default_manager
