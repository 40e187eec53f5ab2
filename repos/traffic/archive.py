"""The histories of many repositories as one zip, made while it is sent."""

from collections.abc import Iterator, Sequence

from core.dates import DateRange
from core.files.zip_stream import Member, stream_zip
from repos import selectors
from repos.models import TrackedRepository
from repos.traffic.csv_files import write_csv

# Rows of so many repositories are in memory at a time.
_BATCH = 20


def traffic_zip(repositories: Sequence[TrackedRepository]) -> Iterator[bytes]:
    """`owner/name/traffic.csv` for each, as `POST …/import` takes it."""
    return stream_zip(_members(repositories))


def _members(repositories: Sequence[TrackedRepository]) -> Iterator[Member]:
    folders = _folders(repositories)
    for start in range(0, len(repositories), _BATCH):
        batch = repositories[start : start + _BATCH]
        days = selectors.days_of_all(batch, within=DateRange())
        for repository in batch:
            yield f"{folders[repository.pk]}/traffic.csv", [write_csv(days[repository.pk]).encode()]


def _folders(repositories: Sequence[TrackedRepository]) -> dict[int, str]:
    """By primary key. A name that was given to another repository on GitHub can be there twice: the
    present one has the folder by which an import finds it, the history of the former one another.
    """
    folders: dict[int, str] = {}
    taken: set[str] = set()
    for one in sorted(repositories, key=lambda one: one.replaced_at is not None):
        is_taken = one.key in taken
        folders[one.pk] = f"{one.full_name}-{str(one.uuid)[:8]}" if is_taken else one.full_name
        taken.add(one.key)
    return folders
