"""Reading accounts."""

from datetime import datetime

from django.db.models import QuerySet

from core.exceptions import Forbidden, NotFound
from core.text import search_words, strip_invisible
from users.models import Session, User


class NotYourAccount(Forbidden):
    code = "not_your_account"
    message = "Only the owner of an account and staff may use it."


def all_users(
    *, search: str = "", organization_id: int | None = None, gender: str | None = None
) -> QuerySet[User]:
    """Each word of `search` is in a name or the email address."""
    users = User.objects.all()
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
        # Not that of an account without one: spaces alone name nobody.
        return viewer.username is not None and (
            strip_invisible(username).lower() == viewer.username.lower()
        )
    return pk is None or pk == viewer.pk


def live_sessions_of(user: User, *, now: datetime) -> QuerySet[Session]:
    """Newest first."""
    return Session.objects.filter(user=user, expires_at__gt=now).order_by("-created_at", "-id")
