"""Everything that is stored about a user, as a zip."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from core.env import Rate
from core.files.zip_stream import Member, stream_zip
from core.personal_data import ExportedTable, registry
from users.export.formats import csv_pieces, json_bytes, json_pieces
from users.models import User
from users.second_factor.selectors import second_factor_status
from users.throttling.limits import RateLimitKey, hit

_PROFILE = (
    *("id", "username", "email", "email_verified", "first_name", "last_name", "gender"),
    *("birthdate", "phone", "data", "is_staff", "is_superuser", "is_active"),
    *("date_joined", "last_login"),
)
# An export reads a lot: enough for everybody who wants the file, whatever the other limits are.
_RATE = Rate(10, 3600)


def export_archive(*, user: User, now: datetime) -> Iterator[bytes]:
    """The zip, piece by piece: `profile.json`, the picture, and what the apps declare in
    `core.personal_data`. Raises LimitReached before anything is read."""
    rate = _RATE if settings.RATE_LIMIT_LOGIN else None
    hit(RateLimitKey("export", str(user.pk)), rate=rate, now=now)
    return stream_zip(_members(user))


def _members(user: User) -> Iterator[Member]:
    yield "profile.json", [json_bytes(_profile(user))]
    yield from _picture(user)
    for table in registry.tables:
        yield _member(table, user.pk)
    for folder in registry.folders:
        for row in folder.rows(user.pk):
            name = folder.name(row)
            for table in folder.tables:
                yield _member(table, row.pk, folder=f"{name}/")


def _profile(user: User) -> dict[str, Any]:
    return {
        **{name: getattr(user, name) for name in _PROFILE},
        "avatar": f"avatar.{_extension(user)}" if user.avatar else None,
        "groups": [group.name for group in user.groups.order_by("pk")],
        "permissions": [each.codename for each in user.user_permissions.order_by("pk")],
        "second_factor": second_factor_status(user),
    }


def _picture(user: User) -> Iterator[Member]:
    if not user.avatar.name:
        return
    try:
        with closing(default_storage.open(user.avatar.name)) as file:
            content = file.read()
    except FileNotFoundError:
        return  # replaced or removed at this instant
    yield f"avatar.{_extension(user)}", [content]


def _extension(user: User) -> str:
    return str(user.avatar.name).rpartition(".")[2]


def _member(table: ExportedTable, owner_id: int, *, folder: str = "") -> Member:
    pieces = csv_pieces if table.member.endswith(".csv") else json_pieces
    return f"{folder}{table.member}", pieces(list(table.columns), table.batches(owner_id))
