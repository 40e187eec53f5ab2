"""Proving an email address, the present one or a new one: a code is mailed to it."""

import logging
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from core.exceptions import Conflict, ValidationFailed
from core.tasks.enqueueing import enqueue, enqueue_on_commit
from users.codes.services import (
    EMAIL_CHANGE,
    EMAIL_VERIFICATION,
    CodeKind,
    WrongCode,
    code_subject,
    consume_code,
    verify_code,
    void_codes,
)
from users.models import MailedCode, User
from users.profiles.validation import save_account
from users.tasks import (
    send_email_change_code,
    send_email_changed,
    send_email_claimed,
    send_verification_code,
)
from users.throttling.limits import RateLimitKey, hit, network_limit

_log = logging.getLogger("foyer.accounts")


class NoEmailAddress(Conflict):
    code = "no_email_address"
    message = "This account has no email address. Set one with POST /auth/email/change."


class EmailTaken(ValidationFailed):
    code = "unique"
    attr = "email"
    message = "Another account has verified this email address."


def request_verification(*, user: User, address: str | None, now: datetime) -> None:
    """Have a code mailed to the account's address. Raises LimitReached, NoEmailAddress."""
    if user.email is None:
        raise NoEmailAddress
    _hit_limits(user, user.email, address, now)
    enqueue(send_verification_code, user.pk, user.email)


def confirm_verification(*, user: User, code: str, now: datetime) -> None:
    """Mark the account's present address as verified, by the code (8 digits) that was mailed to it.
    Raises WrongCode, NoEmailAddress."""
    if user.email is None:
        raise NoEmailAddress
    found = _verified_code(EMAIL_VERIFICATION, user, user.email, code, now)
    with transaction.atomic():
        _consume(found)
        if not User.objects.filter(pk=user.pk, email=user.email).update(email_verified=True):
            raise WrongCode
    _log.info("an email address was verified", extra={"fields": {"user": user.pk}})


def request_email_change(*, user: User, email: str, address: str | None, now: datetime) -> None:
    """Have a code mailed to `email`, unless another account has verified it, which only the worker
    finds out. Raises LimitReached."""
    _hit_limits(user, email, address, now)
    enqueue(send_email_change_code, user.pk, email)


def confirm_email_change(*, user: User, email: str, code: str, now: datetime) -> None:
    """Make `email` the account's address, verified, by the code (8 digits) that was mailed to it.

    Another account that uses `email` without having verified it loses the address and keeps the
    rest. Raises WrongCode, EmailTaken.
    """
    email = email.lower()
    found = _verified_code(EMAIL_CHANGE, user, email, code, now)
    with transaction.atomic():
        _consume(found)
        _move_address(user.pk, email, now)
    _log.info("an email address was verified", extra={"fields": {"user": user.pk}})


def _hit_limits(user: User, email: str, address: str | None, now: datetime) -> None:
    hit(
        RateLimitKey("verification by account", str(user.pk)),
        RateLimitKey("verification by email", email.lower()),
        network_limit("verification by address", address),
        rate=settings.RATE_LIMIT_RESET,
        now=now,
    )


def _verified_code(kind: CodeKind, user: User, email: str, code: str, now: datetime) -> MailedCode:
    """Not within a transaction: a wrong code is counted, and hashing takes a while."""
    found = verify_code(kind, subject=code_subject(user, email), code=code, now=now)
    if found is None or found.user_id != user.pk:
        raise WrongCode
    return found


def _consume(code: MailedCode) -> None:
    if not consume_code(code):
        raise WrongCode


def _move_address(user_id: int, email: str, now: datetime) -> None:
    # In one order, so that two of these never wait for each other.
    concerned = User.objects.filter(pk=user_id) | User.objects.with_email(email)
    accounts = {account.pk: account for account in concerned.select_for_update().order_by("pk")}
    account = accounts.pop(user_id, None)
    if account is None:
        raise WrongCode
    for holder in accounts.values():
        if holder.email_verified:
            raise EmailTaken
        _take_address_from(holder, now)
    old_email = account.email
    account.email, account.email_verified = email, True
    # Raises NameTaken when somebody signs up with the address at this instant.
    save_account(account, update_fields={"email", "email_verified"})
    if old_email and old_email != email:
        void_codes(account)
        enqueue_on_commit(send_email_changed, old_email, now)


def _take_address_from(holder: User, now: datetime) -> None:
    """An account has an email address or a username, so one without gets a name."""
    email, holder.email = holder.email, None
    if holder.username is None:
        holder.username = f"user-{holder.pk}-{secrets.token_hex(4)}"
    void_codes(holder)
    save_account(holder, update_fields={"email", "username"})
    enqueue_on_commit(send_email_claimed, email, holder.username, now)
    _log.info("an unverified address was claimed", extra={"fields": {"user": holder.pk}})
