"""Signing up: one service behind every door."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from config.persistence import save_checked
from organizations.models import Organization
from users.ages import require_adult_birthdate
from users.avatars import Picture
from users.models import Gender, User
from users.services.avatars import stored


def register(
    *,
    today: date,
    email: str | None = None,
    username: str | None = None,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    gender: str = Gender.UNSPECIFIED,
    birthdate: date | None = None,
    phone: str | None = None,
    data: dict[str, Any] | None = None,
    organizations: Iterable[Organization] = (),
    avatar: Picture | None = None,
) -> User:
    """Create an account. Without a password nobody can log in to it (requirement E1).

    Raises Invalid for the age and ValidationError for everything else, a lost race for the name
    included.
    """
    if birthdate is not None:
        require_adult_birthdate(birthdate, today=today)
    user = User(
        email=email,
        username=username,
        first_name=first_name,
        last_name=last_name,
        gender=gender,
        birthdate=birthdate,
        phone=phone,
        data=data or {},
    )
    if password is None:
        user.set_unusable_password()
    else:
        require_good_password(password, user)
        # Hashed before the transaction: it takes a while, and SQLite has one writer.
        user.set_password(password)
    with stored(avatar) as path, transaction.atomic():
        user.avatar = path
        save_checked(user)
        user.organizations.set(organizations)
    return user


def require_good_password(password: str, user: User, *, attr: str = "password") -> None:
    """Raises ValidationError under `attr` with every rule that the password breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({attr: error.error_list}) from error
