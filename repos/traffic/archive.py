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
    folders: set[str] = set()
    for start in range(0, len(repositories), _BATCH):
        batch = repositories[start : start + _BATCH]
        days = selectors.days_of_all(batch, within=DateRange())
        for repository in batch:
            folder = _folder_of(repository, folders)
            folders.add(folder)
            yield f"{folder}/traffic.csv", [write_csv(days[repository.pk]).encode()]


def _folder_of(repository: TrackedRepository, taken: set[str]) -> str:
    """A name that was given to another repository on GitHub can be there twice: the history of the
    former one, and of the present one."""
    name = repository.full_name
    return f"{name}-{str(repository.uuid)[:8]}" if name in taken else name
