"""Editing and deleting accounts."""

from datetime import date
from typing import Any, TypedDict, Unpack

from django.db import transaction

from config.persistence import save_checked
from users.ages import require_adult_birthdate
from users.models import User


class ProfileChanges(TypedDict, total=False):
    """What its owner may change; what is left out stays."""

    email: str | None
    username: str | None
    first_name: str
    last_name: str
    gender: str
    birthdate: date | None
    phone: str | None
    data: dict[str, Any]


def update_profile(*, user: User, today: date, **changes: Unpack[ProfileChanges]) -> User:
    """Raises Invalid for the age and ValidationError for everything else."""
    birthdate = changes.get("birthdate")
    if birthdate is not None:
        require_adult_birthdate(birthdate, today=today)
    for name, value in changes.items():
        setattr(user, name, value)
    with transaction.atomic():
        save_checked(user, exclude={"password"})
    return user


def delete_user(*, user: User) -> None:
    """Delete an account and everything that names it."""
    with transaction.atomic():
        user.delete()
