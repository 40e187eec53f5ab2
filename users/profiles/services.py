"""Editing and deleting accounts."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, Unpack

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as BrowserSession
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CASCADE

from core.field_errors import FieldErrors
from core.tasks.enqueueing import enqueue_on_commit
from users.avatars.services import remove_after_commit
from users.locking import lock_account
from users.models import User
from users.profiles.memberships import (
    end_memberships,
    organizations_to_join,
    replace_memberships,
)
from users.profiles.profile_fields import AccountFields
from users.profiles.validation import save_account, validate_account
from users.signup.throttle import signup_rate_limit
from users.tasks import send_email_changed


def update_profile(
    *,
    user: User,
    now: datetime,
    malformed: ValidationError | None = None,
    precondition: Callable[[User], None] | None = None,
    organizations: Collection[int] | None = None,
    ip_address: str | None = None,
    **changes: Unpack[AccountFields],
) -> User:
    """The account after the changes; what is left out stays. A changed email address is told to
    the old one.

    `malformed` is what could not be read of the request: raised with everything else that is wrong
    as one ValidationError. Raises NameTaken, LimitReached after too many of these from
    `ip_address`, AccountDeleted when that happened concurrently, and what `precondition` raises for
    the account as it is under the lock.
    """
    errors = FieldErrors(malformed)
    joined = None
    if organizations is not None:
        with errors.collect():
            joined = organizations_to_join(organizations, user=user)
    with _limit_of_names(user, changes, ip_address, now), transaction.atomic():
        # Read again within the transaction: what was changed since (the avatar, another field of
        # the profile) must not be put back, nor a deleted account.
        current = lock_account(user.pk)
        if precondition is not None:
            precondition(current)
        old_email = current.email
        for name, value in changes.items():
            setattr(current, name, value)
        validate_account(current, fields=changes, today=now.date(), errors=errors)
        _save_changes(current, set(changes), old_email=old_email, now=now)
        if joined is not None:
            replace_memberships(user=user, organizations=joined)
    return current


def _limit_of_names(
    user: User, changes: AccountFields, ip_address: str | None, now: datetime
) -> AbstractContextManager[None]:
    """Another name might be somebody's: asking for it counts like a sign-up."""
    if all(changes.get(name, present) == present for name, present in _names(user).items()):
        return nullcontext()
    return signup_rate_limit(ip_address, now=now, counts_success=False)


def _names(user: User) -> dict[str, str | None]:
    return {"email": user.email, "username": user.username}


def _save_changes(user: User, changed: set[str], *, old_email: str | None, now: datetime) -> None:
    if user.email != old_email:
        # Who proved the old address has not proved the new one.
        user.email_verified = False
        changed.add("email_verified")
        if old_email:
            enqueue_on_commit(send_email_changed, old_email, now)
    if changed:
        save_account(user, update_fields=changed)


def delete_user(*, user: User, precondition: Callable[[User], None] | None = None) -> None:
    """Delete an account and everything that names it: rows, files, sessions, what the admin's
    history calls it.

    Raises AccountDeleted for all but one of several that delete it at one instant, and what
    `precondition` raises for the account as it is under the lock.
    """
    with transaction.atomic():
        current = lock_account(user.pk)
        if precondition is not None:
            precondition(current)
        remove_after_commit(current.avatar.name)
        _forget_in_admin(current)
        end_memberships(current)
        _lock_parents(current)
        current.delete()


def _lock_parents(user: User) -> None:
    """Those rows of the account that have rows of their own, such as repositories: a fetch that
    stores days at this instant comes before or after, else the days would outlive their
    repository, which the database refuses."""
    for relation in User._meta.related_objects:
        model: Any = relation.related_model
        if relation.on_delete is CASCADE and model._meta.related_objects:
            rows = model._base_manager.filter(**{relation.field.name: user})
            list(rows.select_for_update().order_by("pk").values_list("pk"))


def _forget_in_admin(user: User) -> None:
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    ).update(object_repr="(a deleted account)", change_message="")
    if user.is_staff:
        # A browser's session names its user inside its encoded text only.
        for session in BrowserSession.objects.iterator():
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()
