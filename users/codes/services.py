"""Codes that prove who reads an address: issued by the worker, tried and used up by services.

ASVS 5.0 §6.5: random, hashed like a password, 10 minutes, one use, few attempts. A code of one
purpose is none of another.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password, make_password
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from core.exceptions import ValidationFailed
from users.locking import lock_account
from users.models import MailedCode, User
from users.throttling.keyed_hash import keyed_hash

CODE_DIGITS = 8
CODE_LIFETIME = timedelta(minutes=10)
# Wrong codes of one address and purpose; counted until this long after the last one.
MAXIMUM_ATTEMPTS = 5
ATTEMPTS_COUNT_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class CodeKind:
    """`name` stands in the rows: two kinds must not share one."""

    name: str
    lifetime: timedelta = CODE_LIFETIME


PASSWORD_RESET = CodeKind("password reset")
EMAIL_VERIFICATION = CodeKind("email verification")
EMAIL_CHANGE = CodeKind("email change")
LOG_IN = CodeKind("log-in")


def code_subject(user: User, email: str) -> str:
    """Where several accounts may try to prove one address, each has its own code and attempts."""
    return f"{user.pk} {email}"


class WrongCode(ValidationFailed):
    """One response for a wrong, an old, a used and somebody else's code, and for any code while
    five wrong ones count."""

    code = "wrong_code"
    attr = "code"
    message = (
        "This code does not work: it is wrong, used or too old. Ask for a new one; after five wrong"
        " codes, wait 10 minutes first, since no code works until then."
    )


class IssuedCode(NamedTuple):
    """`works_from` is set while too many wrong codes were tried: no code works before."""

    code: str
    works_from: datetime | None


def issue_code(
    kind: CodeKind, *, subject: str, user: User | None, now: datetime, scope: str = ""
) -> IssuedCode:
    """A new code for `subject`, such as an email address; the older one of the same kind and
    scope is void.

    Without a user nobody can use it. It gets a row and a hash all the same, so that trying codes
    against an address that nobody has takes the same time. Raises AccountDeleted for a user who is
    gone.
    """
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    tried = _codes_of(kind, subject).exclude(last_attempt_at=None).order_by("-last_attempt_at")
    last = tried.first()
    row = MailedCode(
        purpose=kind.name,
        subject_hash=_subject_hash(subject),
        scope=scope,
        user=user,
        code_hash=make_password(code),
        expires_at=now + kind.lifetime,
        attempts=last.attempts if last else 0,
        last_attempt_at=last.last_attempt_at if last else None,
    )
    with transaction.atomic():
        if user is not None:
            lock_account(user.pk)
        # One statement that leaves the attempts as they are: a new code brings no new ones.
        MailedCode.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["subject_hash", "purpose", "scope"],
            update_fields=["user", "code_hash", "expires_at"],
        )
    return IssuedCode(code, _blocked_until(last, now))


def verify_code(kind: CodeKind, *, subject: str, code: str, now: datetime) -> MailedCode | None:
    """The row whose code it is, at the cost of one attempt; None for any other code.

    One statement counts the attempt before anything is compared: of many guesses at one instant
    no more than MAXIMUM_ATTEMPTS are looked at. Takes the time of one password hash, whether the
    subject is known or not (of one for each scope, where there are several).
    """
    codes = _codes_of(kind, subject).filter(expires_at__gt=now)
    fresh_start = Q(last_attempt_at__isnull=True) | Q(last_attempt_at__lte=now - ATTEMPTS_COUNT_FOR)
    counted = codes.filter(Q(attempts__lt=MAXIMUM_ATTEMPTS) | fresh_start).update(
        attempts=Case(When(fresh_start, then=Value(1)), default=F("attempts") + 1),
        last_attempt_at=now,
    )
    rows = list(codes.select_related("user")) if counted else []
    if not rows:
        check_password(code, UNUSABLE_PASSWORD_PREFIX)
    return next((row for row in rows if check_password(code, row.code_hash)), None)


def refund_attempt(code: MailedCode) -> None:
    """The code was right, and something else was wrong: it stays good and costs nothing."""
    MailedCode.objects.filter(
        subject_hash=code.subject_hash, purpose=code.purpose, attempts__gt=0
    ).update(attempts=F("attempts") - 1)


def consume_code(code: MailedCode) -> bool:
    """False when a race for the same code was lost, or a newer one has been issued."""
    deleted, _ = MailedCode.objects.filter(pk=code.pk, code_hash=code.code_hash).delete()
    return deleted == 1


def void_codes(user: User, *kinds: CodeKind) -> None:
    """For when the password was set in another way, or the address is another one. Without
    `kinds`: all of them."""
    codes = MailedCode.objects.filter(user=user)
    if kinds:
        codes = codes.filter(purpose__in=[kind.name for kind in kinds])
    # The rows stay, with their count of attempts.
    codes.update(user=None, code_hash=UNUSABLE_PASSWORD_PREFIX)


def _codes_of(kind: CodeKind, subject: str) -> QuerySet[MailedCode]:
    return MailedCode.objects.filter(subject_hash=_subject_hash(subject), purpose=kind.name)


def _subject_hash(subject: str) -> str:
    return keyed_hash("mailed code", subject.lower())


def _blocked_until(last: MailedCode | None, now: datetime) -> datetime | None:
    if last is None or last.last_attempt_at is None or last.attempts < MAXIMUM_ATTEMPTS:
        return None
    end = last.last_attempt_at + ATTEMPTS_COUNT_FOR
    return end if end > now else None
