"""Rendered badges in the memory of each process, so that readers do not reach the database.

A README is read by everybody, and its images are asked for by machines. An entry serves for
MAX_AGE_SECONDS, unless a change was announced: a file in DATA_DIR grows by a byte at every change
that readers should see at once (a token withdrawn, figures stored). Looking at its size costs a
microsecond and reaches every process of this machine. Processes on other machines see a change
when the entry's time is over.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from repos.models import BadgeToken

# Other caches may hold a badge for an hour anyway.
MAX_AGE_SECONDS = 60.0
MAX_ENTRIES = 1000
_FILE = "badges.changes"


@dataclass(frozen=True, slots=True)
class Image:
    """A rendered file."""

    content: bytes
    content_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class _Entry:
    image: Image
    changes: int
    expires_at: float


class BadgeCache:
    """The oldest entries make room. Only what exists is stored: a stranger who tries
    tokens fills nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()

    def get(self, key: tuple[str, str], render: Callable[[], Image | None]) -> Image | None:
        # Before the rendering: what changes during it makes the entry outdated, never too new.
        changes, now = _changes(), time.monotonic()
        entry = self._entries.get(key)
        if entry is not None and entry.changes == changes and now < entry.expires_at:
            return entry.image
        image = render()
        with self._lock:
            self._entries.pop(key, None)
            if image is not None:
                self._entries[key] = _Entry(image, changes, now + MAX_AGE_SECONDS)
                if len(self._entries) > MAX_ENTRIES:
                    self._entries.popitem(last=False)
        return image

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def badges_changed(repository_id: int) -> None:
    """Announce new figures, where the repository has badges, to every process of this machine."""
    if BadgeToken.objects.filter(repository=repository_id).exists():
        invalidate_on_commit()


def invalidate_on_commit() -> None:
    """Announce a change to every process of this machine, once it is committed.

    Where that fails (a full disk), readers see the change when their entry's time is over; what is
    committed has not failed for it.
    """
    transaction.on_commit(_announce, robust=True)


@receiver(post_delete, sender=BadgeToken)
def _token_deleted(**_: object) -> None:
    """However a token goes (unbadge, with its repository or its user), its images go with it."""
    invalidate_on_commit()


def _changes() -> int:
    try:
        return os.stat(settings.DATA_DIR / _FILE).st_size  # noqa: PTH116  # called for each badge
    except OSError:
        return 0


def _announce() -> None:
    with (settings.DATA_DIR / _FILE).open("ab") as file:
        file.write(b".")


badge_cache = BadgeCache()
