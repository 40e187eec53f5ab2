"""Editing and deleting accounts."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction

from core.exceptions import Forbidden
from core.models import full_clean_and_save
from core.tasks import enqueue_on_commit
from users.avatars.services import AccountDeleted, remove_after_commit
from users.models import User
from users.profiles.ages import validate_birthdate
from users.tasks import send_email_changed


class NotYourAccount(Forbidden):
    code = "not_your_account"
    message = "Only the owner of an account and staff may use it."


class ProfileChanges(TypedDict, total=False):
    """What its owner may change; what is left out stays."""

    email: str | None
    username: str | None
    first_name: str
    last_name: str
    gender: str
    birthdate: date | None
    phone: str | None
    data: dict[str, Any]
    organizations: Iterable[Any]


def update_profile(*, user: User, now: datetime, **changes: Unpack[ProfileChanges]) -> User:
    """The account after the changes; a changed email address is told to the old one.

    Raises Invalid for the age, AccountGone when the account was deleted meanwhile, ValidationError
    for everything else.
    """
    birthdate = changes.get("birthdate")
    if birthdate is not None:
        validate_birthdate(birthdate, today=now.date())
    organizations = changes.pop("organizations", None)
    with transaction.atomic():
        # Read again within the transaction: what was changed since (the avatar, another member of
        # the profile) must not be put back, nor a deleted account.
        current = User.objects.select_for_update().filter(pk=user.pk).first()
        if current is None:
            raise AccountDeleted
        old_email = current.email
        for name, value in changes.items():
            setattr(current, name, value)
        if changes:
            full_clean_and_save(current, exclude={"password"}, update_fields=changes.keys())
        if current.email != old_email:
            # Who proved the old address has not proved the new one.
            current.email_verified = False
            current.save(update_fields=["email_verified"])
            if old_email:
                enqueue_on_commit(send_email_changed, old_email, now)
        if organizations is not None:
            current.organizations.set(organizations)
    return current


def delete_user(*, user: User) -> None:
    """Delete an account and everything that names it: rows, files, sessions, what the admin's
    history calls it."""
    with transaction.atomic():
        current = User.objects.select_for_update().filter(pk=user.pk).first()
        if current is None:
            return
        remove_after_commit(current.avatar.name)
        _forget_in_admin(current)
        current.delete()


def _forget_in_admin(user: User) -> None:
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    ).update(object_repr="(a deleted account)", change_message="")
    if user.is_staff:
        # A browser's session names its user inside its encoded text only.
        for session in BrowserSession.objects.iterator():
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()
