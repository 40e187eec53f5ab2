"""Setting a password: by the old one, or by a code that came by mail."""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from core.exceptions import ValidationFailed
from core.field_errors import FieldErrors
from core.tasks.enqueueing import enqueue, enqueue_on_commit
from users.codes.services import (
    LOG_IN,
    PASSWORD_RESET,
    WrongCode,
    consume_code,
    refund_attempt,
    verify_code,
    void_codes,
)
from users.models import Session, User
from users.passwords.validation import validate_new_password
from users.sessions.services import revoke_sessions
from users.tasks import send_password_changed, send_reset_code
from users.throttling.limits import RateLimitKey, hit, network_limit

_log = logging.getLogger("foyer.passwords")


class WrongOldPassword(ValidationFailed):
    code = "wrong_password"
    attr = "old_password"
    message = "This is not your present password."


def change_password(
    *, user: User, session: Session, old_password: str, new_password: str, now: datetime
) -> None:
    """Set a new password and end every session but the present one.

    Raises ValidationError with what is wrong with either password.
    """
    known_hash = user.stored_password_hash()
    errors = FieldErrors()
    with errors.collect():
        if not is_present_password(user, old_password, known_hash=known_hash, now=now):
            raise WrongOldPassword
    with errors.collect():
        validate_new_password(new_password, user, attr="new_password")
    errors.raise_if_any()
    # Hashed before the transaction: it takes a while, and SQLite has one writer.
    new_hash = make_password(new_password)
    with transaction.atomic():
        _store(user, new_hash, now, keep=session, replacing=known_hash)


def is_present_password(user: User, password: str, *, known_hash: str, now: datetime) -> bool:
    """Rate-limited, so that a stolen token cannot be used to guess the password. Raises
    LimitReached."""
    counted = hit(
        RateLimitKey("old password", str(user.pk)), rate=settings.RATE_LIMIT_LOGIN, now=now
    )
    is_right = check_password(password, known_hash)
    if is_right:
        counted.rollback()
    return is_right


def request_reset(*, email: str, address: str | None, now: datetime) -> None:
    """Have a code mailed to the active account of `email`, if there is one. What is done here does
    not depend on that; the worker finds out. Raises LimitReached."""
    hit(
        RateLimitKey("reset by email", email.lower()),
        network_limit("reset by address", address),
        rate=settings.RATE_LIMIT_RESET,
        now=now,
    )
    enqueue(send_reset_code, email)


def reset_password(
    *, email: str, code: str, new_password: str, address: str | None, now: datetime
) -> None:
    """Set the password of the account that `code` (8 digits) was mailed for, end all its sessions
    and verify its address.

    Raises LimitReached, WrongCode, or ValidationError under `password`. A right code with a bad
    password stays good. An account without a password (requirement E1) gets its first one this way.
    """
    # By the address alone at first, which the caller knows: no response may tell more.
    validate_new_password(new_password, User(email=email.lower()))
    # Beside the attempts of each account: one address must not try them on many.
    counted = hit(
        network_limit("code by address", address), rate=settings.RATE_LIMIT_RESET, now=now
    )
    reset = verify_code(PASSWORD_RESET, subject=email, code=code, now=now)
    user = reset.user if reset else None
    if reset is None or user is None or not user.is_active or user.email != email.lower():
        raise WrongCode
    counted.rollback()
    try:
        validate_new_password(new_password, user)
    except ValidationError:
        refund_attempt(reset)
        raise
    new_hash = make_password(new_password)
    with transaction.atomic():
        if not consume_code(reset):
            raise WrongCode
        _store(user, new_hash, now, keep=None, replacing=user.password, verified=True)
    _log.info("a password was reset by code", extra={"fields": {"user": user.pk}})


def _store(
    user: User,
    new_hash: str,
    now: datetime,
    *,
    keep: Session | None,
    replacing: str,
    verified: bool = False,
) -> None:
    """Not by save(): it would put back what else was changed of the account since it was read."""
    changes: dict[str, Any] = {"password": new_hash}
    if verified:
        changes["email_verified"] = True
    stored = User.objects.filter(
        pk=user.pk, is_active=True, email=user.email, password=replacing
    ).update(**changes)
    if not stored:
        raise ValidationFailed(
            "The account was changed by another request; try again.", code="changed_meanwhile"
        )
    user.password = new_hash
    _end_access_by_old_password(user, now, keep=keep)


@transaction.atomic
def store_given_password(*, user: User, now: datetime) -> None:
    """The password, or none, that the instance was given by set_password(). Not by save(): see
    `_store`."""
    if User.objects.filter(pk=user.pk).update(password=user.password):
        _end_access_by_old_password(user, now, keep=None)


def _end_access_by_old_password(user: User, now: datetime, *, keep: Session | None) -> None:
    """Sessions and codes end, and the owner is told by mail."""
    revoke_sessions(user=user, keep=keep)
    void_codes(user, PASSWORD_RESET, LOG_IN)
    if user.email:
        enqueue_on_commit(send_password_changed, user.email, now)
