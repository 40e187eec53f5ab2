"""Signing up: one service behind every door."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction

from core.models import full_clean_and_save
from users.avatars.sandbox import ProcessedImage
from users.avatars.services import saved_file
from users.models import Gender, User
from users.passwords.validation import validate_new_password
from users.profiles.ages import validate_birthdate


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
    organizations: Iterable[Any] = (),
    avatar: ProcessedImage | None = None,
) -> User:
    """Create an account. Without a password nobody can log in to it (requirement E1).

    Raises Invalid for the age and ValidationError for everything else, a lost race for the name
    included.
    """
    if birthdate is not None:
        validate_birthdate(birthdate, today=today)
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
        validate_new_password(password, user)
        # Hashed before the transaction: it takes a while, and SQLite has one writer.
        user.set_password(password)
    with saved_file(avatar) as path, transaction.atomic():
        user.avatar = path
        full_clean_and_save(user)
        user.organizations.set(organizations)
    return user
