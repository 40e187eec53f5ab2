"""Keeping pictures in storage in step with the accounts they belong to.

A new file is written before the row names it; an old one goes once the row no longer does and the
transaction has been committed. What a crash leaves between the two, `manage.py orphaned_avatars`
finds.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from core.exceptions import Unavailable
from users.avatars.sandbox import ProcessedImage, process_upload
from users.locking import lock_account
from users.models import User

_log = logging.getLogger("foyer.avatars")

FOLDER = "avatars"


def path_in_storage(file_name: str) -> str:
    """Where the picture of that name lies: spread over 65 536 folders, so that none grows large."""
    return f"{FOLDER}/{file_name[:2]}/{file_name[2:4]}/{file_name}"


def set_avatar(*, user: User, upload: "File[bytes]") -> None:
    """Make a picture of `upload` and put it in the place of the present one. Raises what
    `process_upload` does; never call it within a transaction."""
    replace_avatar(user=user, picture=process_upload(upload))


def replace_avatar(*, user: User, picture: ProcessedImage | None) -> None:
    """Put `picture` in the place of the present one; None takes it away. Raises AccountDeleted."""
    with saved_file(picture) as path, transaction.atomic():
        # Of two uploads at one instant the second sees the file of the first and removes it.
        before = lock_account(user.pk).avatar.name
        User.objects.filter(pk=user.pk).update(avatar=path)
        remove_after_commit(before)
    user.avatar = path


@contextmanager
def saved_file(picture: ProcessedImage | None) -> Iterator[str | None]:
    """Write the picture under a new name (128 random bits), given to the block; gone again when the
    block fails. Raises Unavailable when the storage fails."""
    if picture is None:
        yield None
        return
    name = f"{secrets.token_hex(16)}.{picture.extension}"
    try:
        path = default_storage.save(path_in_storage(name), ContentFile(picture.content))
    except Exception as error:  # each kind of storage fails in its own way
        _log.exception("a picture could not be stored")
        raise Unavailable("Pictures cannot be stored right now; try again later.") from error
    try:
        yield path
    except BaseException:
        _remove(path)
        raise


def remove_after_commit(path: str | None) -> None:
    if path:
        transaction.on_commit(lambda: _remove(path))


def orphaned_files(*, before: datetime) -> Iterator[str]:
    """Paths of pictures that no account names and that were written before that moment: a younger
    one may belong to a sign-up that is not committed yet."""
    for batch in _batches(paths_in_storage(), 500):
        owned = set(User.objects.filter(avatar__in=batch).values_list("avatar", flat=True))
        for path in batch:
            if path not in owned and default_storage.get_modified_time(path) < before:
                yield path


def paths_in_storage(folder: str = FOLDER) -> Iterator[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}"
    for subfolder in folders:
        yield from paths_in_storage(f"{folder}/{subfolder}")


def remove_orphan(path: str) -> None:
    default_storage.delete(path)


def _batches(paths: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(paths, size)):
        yield batch


def _remove(path: str) -> None:
    """A file that stays behind harms nobody: never fail over it."""
    try:
        default_storage.delete(path)
    except Exception:  # noqa: BLE001  # as above
        _log.exception("a picture could not be removed")
