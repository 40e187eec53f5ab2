"""The fields of an account, by name and type: the one table that serializers, flat users, services
and the admin read.

A new field of the profile is a column of `User` and a line here.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, TypedDict

from django.core.files import File


class ProfileFields(TypedDict, total=False):
    """What everybody may say of themselves, in the order of the responses."""

    first_name: str
    last_name: str
    gender: str
    birthdate: date | None
    phone: str | None


PROFILE_FIELDS = tuple(ProfileFields.__annotations__)


class AccountFields(ProfileFields, total=False):
    """Columns of an account that its owner may set and change."""

    email: str | None
    username: str | None
    data: dict[str, Any]


class SignUpFields(AccountFields, total=False):
    """What `users.signup.services.register` takes."""

    password: str | None
    avatar: "File[bytes] | None"
    organizations: Collection[int]
