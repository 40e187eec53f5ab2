"""Checking who logs in: by a password or a mailed code, and the second factor."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password, make_password

from core.exceptions import Forbidden, NotAuthenticated
from users.codes.services import LOG_IN, WrongCode, consume_code, refund_attempt, verify_code
from users.models import User
from users.passwords.hashers import hashing_slot
from users.second_factor.services import (
    SecondFactorRequired,
    WrongSecondFactor,
    check_second_factor,
)
from users.sessions.known_ips import is_known_ip
from users.throttling.limits import (
    LOG_IN_BY_ACCOUNT,
    LOG_IN_BY_ADDRESS,
    LOG_IN_BY_NAME,
    Hit,
    LimitReached,
    RateLimitKey,
    hit,
    ip_subnet,
    network_limit,
)


class InvalidCredentials(NotAuthenticated):
    """One answer for an unknown name, a wrong password and an inactive account."""

    code = "wrong_credentials"
    message = "Name or password is wrong."


class WrongLogInCode(NotAuthenticated):
    """One response for a wrong, an old, a used and somebody else's code, and for an address that
    nobody has."""

    code = WrongCode.code
    message = WrongCode.message


class EmailNotVerified(Forbidden):
    code = "email_not_verified"
    message = (
        "Verify your email address first: ask for a code with POST /auth/code and log in with it at"
        " POST /auth/token."
    )


def authenticate_by_password(
    *,
    password: str,
    address: str | None,
    now: datetime,
    username: str | None = None,
    email: str | None = None,
    otp: str | None = None,
) -> User:
    """The active user whom name and password belong to; `username` may hold an email address.

    Raises InvalidCredentials, or LimitReached after too many failures under this name or from this
    address; after the right password SecondFactorRequired, WrongSecondFactor and EmailNotVerified.
    Every attempt is counted before its password is looked at, and taken back when it was right. The
    owner is not locked out by a stranger: from an address that the account was logged in from
    before, the right password passes.
    """
    user = _find(username=username, email=email)
    name = "\0".join(sorted({name.lower() for name in (username, email) if name}))
    # Counted within the slot: log-ins that wait for their turn are not yet attempts, so that many
    # right ones at one instant do not fill the counters.
    with hashing_slot():
        attempt = _attempt(name, user, address, now)
        is_right = _verify_password(user if attempt.may_be_right else None, password)
    if not is_right or user is None:
        raise attempt.refusal or InvalidCredentials
    try:
        check_second_factor(user=user, otp=otp, address=address, now=now)
    except SecondFactorRequired:
        attempt.counted.rollback()
        raise
    except WrongSecondFactor as error:
        raise attempt.refusal or error from error
    attempt.counted.rollback()
    if settings.EMAIL_VERIFICATION == "required" and user.email and not user.email_verified:
        raise EmailNotVerified
    return user


def authenticate_by_code(
    *, email: str, code: str, address: str | None, now: datetime, otp: str | None = None
) -> User:
    """The active user of `email` whom `code` (8 digits) was mailed to; the address is verified.

    Raises WrongLogInCode, LimitReached after too many failures from this address; after the right
    code SecondFactorRequired and WrongSecondFactor, and then the code stays good.
    """
    by_address = network_limit(LOG_IN_BY_ADDRESS, address)
    counted = hit(by_address, rate=settings.RATE_LIMIT_LOGIN, now=now)
    found = verify_code(LOG_IN, subject=email, code=code, now=now)
    user = found.user if found else None
    if found is None or user is None or not user.is_active or user.email != email.lower():
        raise WrongLogInCode
    try:
        check_second_factor(user=user, otp=otp, address=address, now=now)
    except SecondFactorRequired:
        refund_attempt(found)
        counted.rollback()
        raise
    except WrongSecondFactor:
        refund_attempt(found)
        raise
    if not consume_code(found):
        raise WrongLogInCode
    counted.rollback()
    if not user.email_verified:
        User.objects.filter(pk=user.pk, email=user.email).update(email_verified=True)
    return user


@dataclass(frozen=True)
class _Attempt:
    counted: Hit
    may_be_right: bool = True
    # What to raise unless the password is right.
    refusal: LimitReached | None = None


def _attempt(name: str, user: User | None, address: str | None, now: datetime) -> _Attempt:
    try:
        counted = _count(name, user, address, now)
    except LimitReached as refusal:
        if user is None or not is_known_ip(user=user, address=address, now=now):
            raise
        owner = RateLimitKey("log-in of an owner", f"{user.pk} {ip_subnet(address)}")
        counted = hit(owner, rate=settings.RATE_LIMIT_LOGIN, now=now)
        return _Attempt(counted, refusal=refusal)
    may_be_right = not counted.soft_limit_is_full or (
        user is not None and is_known_ip(user=user, address=address, now=now)
    )
    return _Attempt(counted, may_be_right=may_be_right)


def _count(name: str, user: User | None, address: str | None, now: datetime) -> Hit:
    """By name as given, which is the same for names that nobody has; by address; and by account,
    which has two names. Only the last one would tell that both are of one account: that limit
    answers like a wrong password."""
    return hit(
        RateLimitKey(LOG_IN_BY_NAME, name),
        network_limit(LOG_IN_BY_ADDRESS, address),
        soft_limit=RateLimitKey(LOG_IN_BY_ACCOUNT, str(user.pk) if user else f"nobody {name}"),
        rate=settings.RATE_LIMIT_LOGIN,
        now=now,
    )


def _verify_password(user: User | None, password: str) -> bool:
    """Takes the time of one password hash whatever the outcome: Django hashes for an unusable
    password too. An old hash is replaced by one with today's parameters."""

    def rehash(raw_password: str) -> None:
        if user is not None:
            new_hash = make_password(raw_password)
            # Only what was compared is replaced, not a password that was changed meanwhile.
            same = User.objects.filter(pk=user.pk, password=stored)
            is_replaced = same.update(password=new_hash)
            user.password = new_hash if is_replaced else user.stored_password_hash()

    stored = user.password if user else UNUSABLE_PASSWORD_PREFIX
    is_right = check_password(password, stored, setter=rehash)
    if is_right and user is not None and user.password != stored:
        # Another log-in may have replaced the hash at the same time, or somebody the password.
        is_right = check_password(password, user.password)
    return is_right and user is not None and user.is_active


def _find(*, username: str | None, email: str | None) -> User | None:
    users = User.objects.all()
    if username:
        users = (
            User.objects.with_email(username)
            if "@" in username
            else User.objects.with_username(username)
        )
    if email:
        users = users & User.objects.with_email(email)
    return users.first() if username or email else None
