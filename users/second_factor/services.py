"""The second factor: setting it up, asking for it at log-in, removing it.

A code works once, in whatever process it arrives: one UPDATE claims it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from core.encryption import Unreadable, decrypted, encrypted
from core.env import Rate
from core.exceptions import (
    Conflict,
    NotAuthenticated,
    NotFound,
    Unavailable,
    ValidationFailed,
)
from core.tasks.enqueueing import enqueue_on_commit
from users.models import RecoveryCode, SecondFactor, User
from users.second_factor.one_time_passwords import (
    matching_step,
    new_recovery_codes,
    normalize_otp,
    normalize_recovery_code,
)
from users.sessions.known_ips import is_known_ip
from users.tasks import send_second_factor_changed
from users.throttling.limits import (
    LOG_IN_BY_ADDRESS,
    LOG_IN_BY_NAME,
    Hit,
    RateLimitKey,
    hit,
    ip_subnet,
    network_limit,
)

_log = logging.getLogger("foyer.second_factor")

ISSUER = "Foyer"
# Failures of one account beside the limit on log-ins: 6 digits, of which 3 codes work at a time,
# would otherwise be found within weeks by somebody who knows the password.
_FAILURE_RATE = Rate(30, 3600)


class SecondFactorRequired(NotAuthenticated):
    code = "second_factor_required"
    message = (
        "This account asks for a second factor: send the code of the authenticator app, or a"
        " recovery code, as `otp`."
    )


class WrongSecondFactor(NotAuthenticated):
    code = "wrong_second_factor"
    message = (
        "The second factor is wrong or was used already. Wait for the next code of the app, or use"
        " another recovery code."
    )


class WrongOTP(ValidationFailed):
    code = "wrong_code"
    message = (
        "This code is wrong or was used already. Wait for the next code of the authenticator app."
    )


class WrongPassword(ValidationFailed):
    code = "wrong_password"
    attr = "password"
    message = "This is not the password of the account."


class AlreadyActive(Conflict):
    code = "already_active"
    message = "This account has a second factor. Remove it first with DELETE /auth/totp."


class NothingToConfirm(Conflict):
    code = "nothing_to_confirm"
    message = "There is no second factor to confirm. Set one up first with POST /auth/totp."


class NoSecondFactor(NotFound):
    message = "This account has no second factor."


class SecretUnreadable(Unavailable):
    message = (
        "The second factor cannot be checked, because the server's key has changed. Use a recovery"
        " code, or ask the people who run this installation to remove the second factor."
    )


class Enrolment(NamedTuple):
    """What an authenticator app needs; shown once."""

    secret: str
    otpauth_url: str


def enrol(*, user: User, now: datetime) -> Enrolment:
    """A new secret, which replaces one that was never confirmed. Raises AlreadyActive."""
    secret = pyotp.random_base32()
    values = {"secret": encrypted(secret), "created_at": now}
    pending = SecondFactor.objects.filter(user=user, confirmed_at=None)
    if not pending.update(**values):
        SecondFactor.objects.bulk_create([SecondFactor(user=user, **values)], ignore_conflicts=True)
        if not pending.filter(secret=values["secret"]).exists():
            raise AlreadyActive
    name = user.username or user.email or str(user.pk)
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def confirm(*, user: User, otp: str, now: datetime) -> Sequence[str]:
    """Ask for the second factor from now on: ten recovery codes, shown once.

    `otp` (6 digits) proves that the app has the secret, and is used up. Raises LimitReached,
    NothingToConfirm, WrongOTP.
    """
    counted = _hit_failures(user, None, now)
    factor = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    if factor is None:
        counted.rollback()
        raise NothingToConfirm
    step = matching_step(_secret_of(factor), otp, now)
    if step is None:
        raise WrongOTP(attr="code")
    counted.rollback()
    codes = new_recovery_codes()
    # Hashed before the transaction: it takes a while, and SQLite has one writer.
    hashes = [make_password(normalize_recovery_code(code)) for code in codes]
    with transaction.atomic():
        pending = SecondFactor.objects.filter(pk=factor.pk, secret=factor.secret, confirmed_at=None)
        if not pending.update(confirmed_at=now, last_used_step=step):
            raise NothingToConfirm
        RecoveryCode.objects.bulk_create(
            RecoveryCode(second_factor=factor, code_hash=each) for each in hashes
        )
        _notify(user, "enabled", now)
    return codes


def check_second_factor(*, user: User, otp: str | None, address: str | None, now: datetime) -> None:
    """For a log-in whose password or mailed code is right. `otp` is a code of the app or a recovery
    code, which is used up.

    Raises SecondFactorRequired, WrongSecondFactor, LimitReached; does nothing for an account
    without a second factor.
    """
    factor = _active(user)
    if factor is None:
        return
    if not otp:
        raise SecondFactorRequired
    counted = _hit_failures(user, address, now)
    if not _use(factor, otp, now):
        raise WrongSecondFactor
    counted.rollback()


def remove(*, user: User, password: str, otp: str, address: str | None, now: datetime) -> None:
    """Log in by the password alone from now on. Failures count as failed log-ins.

    Raises LimitReached, WrongPassword, WrongOTP, NoSecondFactor.
    """
    names = [name.lower() for name in (user.username, user.email) if name]
    counted = hit(
        *(RateLimitKey(LOG_IN_BY_NAME, name) for name in names),
        network_limit(LOG_IN_BY_ADDRESS, address),
        rate=settings.RATE_LIMIT_LOGIN,
        now=now,
    )
    failures = _hit_failures(user, address, now)
    if not check_password(password, user.stored_password_hash()):
        raise WrongPassword
    factor = _active(user)
    if factor is None:
        counted.rollback()
        failures.rollback()
        raise NoSecondFactor
    if not _use(factor, otp, now):
        raise WrongOTP(attr="otp")
    counted.rollback()
    failures.rollback()
    if not _delete(user, "removed", now):
        raise NoSecondFactor


def reset_second_factor(*, user: User, now: datetime) -> bool:
    """By staff, for somebody who lost the app and the recovery codes; the owner is told. False
    when there was none."""
    return _delete(user, "reset", now)


def _delete(user: User, change: str, now: datetime) -> bool:
    with transaction.atomic():
        _, deleted = SecondFactor.objects.filter(user=user).delete()
        if not deleted.get(SecondFactor._meta.label):
            return False
        _notify(user, change, now)
    return True


def _active(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()


def _use(factor: SecondFactor, otp: str, now: datetime) -> bool:
    """Whether `otp` was right; it never is again."""
    digits = normalize_otp(otp)
    if digits is not None:
        step = matching_step(_secret_of(factor), digits, now)
        return step is not None and _claim_step(factor, step)
    recovery_code = normalize_recovery_code(otp)
    return recovery_code is not None and _claim_recovery_code(factor, recovery_code)


def _claim_step(factor: SecondFactor, step: int) -> bool:
    unused = SecondFactor.objects.filter(
        pk=factor.pk, secret=factor.secret, last_used_step__lt=step
    )
    return unused.update(last_used_step=step) == 1


def _claim_recovery_code(factor: SecondFactor, code: str) -> bool:
    for row in factor.recovery_codes.order_by("pk"):
        if check_password(code, row.code_hash):
            deleted, _ = RecoveryCode.objects.filter(pk=row.pk).delete()
            if deleted:
                _log.info("a recovery code was used", extra={"fields": {"user": factor.pk}})
            return deleted == 1
    return False


def _secret_of(factor: SecondFactor) -> str:
    try:
        return decrypted(factor.secret)
    except Unreadable as error:
        raise SecretUnreadable from error


def _hit_failures(user: User, address: str | None, now: datetime) -> Hit:
    """From an address that the account was logged in from before, strangers who know the password
    cannot use up the owner's tries."""
    is_known = address is not None and is_known_ip(user=user, address=address, now=now)
    subject = f"{user.pk} {ip_subnet(address)}" if is_known else str(user.pk)
    rate = _FAILURE_RATE if settings.RATE_LIMIT_LOGIN else None
    return hit(RateLimitKey("second factor", subject), rate=rate, now=now)


def _notify(user: User, change: str, now: datetime) -> None:
    _log.info("a second factor was changed", extra={"fields": {"user": user.pk, "change": change}})
    if user.email:
        enqueue_on_commit(send_second_factor_changed, user.email, change, now)
