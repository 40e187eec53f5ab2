"""Importing what other keepers have gathered."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from core.exceptions import Unavailable, ValidationFailed
from repos.github_urls import RepositoryName, parse_full_name
from repos.imports.reading import Import, read_import
from repos.models import TrackedRepository
from repos.traffic.history import import_history

# A file of 32 MiB takes a few seconds and a multiple of its size: two at a time in one process.
_slots = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 5.0


class TooManyImports(Unavailable):
    code = "too_many_imports"
    message = "Too many files are being imported at once; try again in a moment."


def import_file(
    *,
    repository: TrackedRepository,
    content: bytes,
    file_name: str,
    source: str | None,
    now: datetime,
) -> Import:
    """Merge the days in `content` into the history by the maximum; what was in it.

    `source` is the `owner/name` in a file of several repositories, by default the repository's own.
    Raises UnreadableFile, ValidationFailed for `source`, TooManyImports, and UnknownRepository when
    it was deleted meanwhile. Takes a while: never call it within a transaction.
    """
    wanted = _wanted(repository, source)
    with _slot():
        found = read_import(content, file_name=file_name, wanted=wanted, today=now.date())
    import_history(repository=repository, history=found.days, weeks=found.weeks, now=now)
    return found


def _wanted(repository: TrackedRepository, source: str | None) -> RepositoryName:
    if not source:
        return repository.repository_name
    name = parse_full_name(source)
    if name is None:
        raise ValidationFailed(
            "repository must be owner/name, such as octocat/hello-world.", attr="repository"
        )
    return name


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise TooManyImports(retry_after_seconds=10)
    try:
        yield
    finally:
        _slots.release()
