"""Editing flat accounts."""

from collections.abc import Callable
from datetime import datetime
from typing import Unpack

from django.core.exceptions import ValidationError

from core.field_errors import FieldErrors
from users.models import User
from users.passwords.services import is_present_password
from users.profiles.profile_fields import AccountFields
from users.profiles.services import update_profile


def update_flat_user(
    *,
    user: User,
    now: datetime,
    malformed: ValidationError | None = None,
    password: str | None = None,
    precondition: Callable[[User], None] | None = None,
    ip_address: str | None = None,
    **changes: Unpack[AccountFields],
) -> User:
    """As `update_profile`, but `username` and `password`, if given, must be the present ones.

    Raises LimitReached after too many wrong passwords.
    """
    errors = FieldErrors(malformed)
    username = changes.pop("username", None)
    if username is not None and username.lower() != (user.username or "").lower():
        message = "Change the username with PATCH /users/me."
        errors.add("username", ValidationError(message, code="wrong_call"))
    if password is not None and not is_present_password(
        user, password, known_hash=user.stored_password_hash(), now=now
    ):
        message = "Change the password with PUT /users/me/password."
        errors.add("password", ValidationError(message, code="wrong_call"))
    return update_profile(
        user=user,
        now=now,
        malformed=errors.found,
        precondition=precondition,
        ip_address=ip_address,
        **changes,
    )
