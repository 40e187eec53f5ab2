"""Signing up: one service behind every endpoint."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple, Unpack

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from core.field_errors import FieldErrors
from users.avatars.sandbox import process_upload
from users.avatars.services import saved_file
from users.models import User
from users.passwords.hashers import hashing_slot
from users.profiles.memberships import organizations_to_join, replace_memberships
from users.profiles.profile_fields import AccountFields, SignUpFields
from users.profiles.validation import NameTaken, save_account, validate_account
from users.sessions.services import Device, TokenPair, open_session
from users.signup.throttle import RetriedSignUp, signup_rate_limit
from users.throttling.limits import LOG_IN_BY_ACCOUNT, LimitReached, RateLimitKey, hit


class SignedUp(NamedTuple):
    user: User
    tokens: TokenPair


def sign_up_and_log_in(
    *,
    device: Device,
    now: datetime,
    malformed: ValidationError | None = None,
    **fields: Unpack[SignUpFields],
) -> SignedUp:
    """A new account and its first session. Raises what `sign_up` does."""
    user = sign_up(ip_address=device.ip_address, now=now, malformed=malformed, **fields)
    return SignedUp(user, open_session(user=user, device=device, now=now))


def sign_up(
    *,
    ip_address: str | None,
    now: datetime,
    malformed: ValidationError | None = None,
    **fields: Unpack[SignUpFields],
) -> User:
    """A new account, within the limit for its network. Raises LimitReached and what `register`
    does; RetriedSignUp in place of NameTaken when name and password are those of the account."""
    with signup_rate_limit(ip_address, now=now):
        try:
            return register(today=now.date(), malformed=malformed, **fields)
        except NameTaken as error:
            if _is_retried(now=now, **fields):
                raise RetriedSignUp(error.error_dict) from error
            raise


def _is_retried(*, now: datetime, **fields: Unpack[SignUpFields]) -> bool:
    """Whether an account has these names and this password. Counts as a failed log-in to it if not,
    so that signing up gives nobody further guesses."""
    password, email, username = (
        fields.get("password"), fields.get("email"), fields.get("username"),
    )  # fmt: skip
    if password is None:
        return False
    names = User.objects.with_email(email) if email else User.objects.with_username(username or "")
    user = names.filter(is_active=True).first()
    if user is None or (username and username.lower() != (user.username or "").lower()):
        return False
    limit = RateLimitKey(LOG_IN_BY_ACCOUNT, str(user.pk))
    try:
        counted = hit(limit, rate=settings.RATE_LIMIT_LOGIN, now=now)
    except LimitReached:
        return False
    with hashing_slot():
        is_right = check_password(password, user.password)
    if is_right:
        counted.rollback()
    return is_right


def register(
    *,
    today: date,
    malformed: ValidationError | None = None,
    password: str | None = None,
    avatar: "File[bytes] | None" = None,
    organizations: Collection[int] = (),
    **fields: Unpack[AccountFields],
) -> User:
    """Create an account. Without a password nobody can log in to it (requirement E1).

    `malformed` is what could not be read of the request: raised with everything else that is wrong
    as one ValidationError. Raises NameTaken, a lost race for the name included, and Unavailable
    when a picture cannot be decoded or stored now. Never call it with a picture in a transaction.
    """
    errors = FieldErrors(malformed)
    picture, joined = None, []
    with errors.collect():
        joined = organizations_to_join(organizations)
    if avatar is not None:
        with errors.collect():
            picture = process_upload(avatar)
    user = User(**fields)
    validate_account(user, fields=fields, today=today, password=password, errors=errors)
    # Hashed before the transaction: it takes a while, and SQLite has one writer.
    user.set_password(password)
    with saved_file(picture) as path, transaction.atomic():
        user.avatar = path
        save_account(user)
        replace_memberships(user=user, organizations=joined)
    return user
