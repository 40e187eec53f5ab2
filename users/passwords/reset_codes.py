"""Codes for a new password: issued by the worker, tried and used up by the service.

ASVS 5.0 §6.5: random, hashed like a password, 10 minutes, one use, few tries.
"""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password, make_password
from django.db.models import Case, F, Q, Value, When

from users.models import PasswordReset, User
from users.throttling.keyed_hash import keyed_hash

CODE_DIGITS = 8
CODE_LIFETIME = timedelta(minutes=10)
MAXIMUM_ATTEMPTS = 5


def issue_reset_code(*, email: str, now: datetime) -> str | None:
    """The new code for the active account of `email`; any older one is void. None without one.

    An address that nobody has gets a row and a hash too, so that trying codes against it later
    takes the same time.
    """
    user = User.objects.with_email(email).filter(is_active=True).first()
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    row = PasswordReset(
        email_hash=_email_hash(email),
        user=user,
        code_hash=make_password(code),
        expires_at=now + CODE_LIFETIME,
    )
    # One statement that leaves the attempts as they are: a new code brings no new ones.
    PasswordReset.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["email_hash"],
        update_fields=["user", "code_hash", "expires_at"],
    )
    return code if user else None


def verify_reset_code(*, email: str, code: str, now: datetime) -> PasswordReset | None:
    """The row whose code it is, at the cost of one attempt; None for any other code.

    One statement counts the attempt before anything is compared: of many guesses at one instant
    no more than MAXIMUM_ATTEMPTS are looked at. Takes the time of one password hash in any case.
    """
    email_hash = _email_hash(email)
    counting_since = now - CODE_LIFETIME
    fresh_start = Q(last_attempt_at__isnull=True) | Q(last_attempt_at__lte=counting_since)
    counted = (
        PasswordReset.objects.filter(email_hash=email_hash, expires_at__gt=now)
        .filter(Q(attempts__lt=MAXIMUM_ATTEMPTS) | fresh_start)
        .update(
            attempts=Case(When(fresh_start, then=Value(1)), default=F("attempts") + 1),
            last_attempt_at=now,
        )
    )
    row = PasswordReset.objects.select_related("user").filter(email_hash=email_hash).first()
    may_be_right = bool(counted) and row is not None
    stored = row.code_hash if row and may_be_right else UNUSABLE_PASSWORD_PREFIX
    return row if check_password(code, stored) else None


def refund_attempt(reset: PasswordReset) -> None:
    """The code was right, and something else was wrong: it stays good and costs nothing."""
    PasswordReset.objects.filter(pk=reset.pk, code_hash=reset.code_hash, attempts__gt=0).update(
        attempts=F("attempts") - 1
    )


def consume_reset_code(reset: PasswordReset) -> bool:
    """False when a race for the same code was lost, or a newer one was issued meanwhile."""
    deleted, _ = PasswordReset.objects.filter(pk=reset.pk, code_hash=reset.code_hash).delete()
    return deleted == 1


def void_reset_code(user: User) -> None:
    """For when the password was set in another way, or the address is another one."""
    # The row stays, with its count of attempts.
    PasswordReset.objects.filter(user=user).update(user=None, code_hash=UNUSABLE_PASSWORD_PREFIX)


def _email_hash(email: str) -> str:
    return keyed_hash("password reset", email.lower())
