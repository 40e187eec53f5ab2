"""The histories of many repositories as one zip, made while it is sent."""

import io
import zipfile
from collections.abc import Iterator, Sequence

from core.dates import DateRange
from repos import selectors
from repos.models import TrackedRepository
from repos.traffic.csv_files import write_csv

# Rows of so many repositories are in memory at a time.
_BATCH = 20
# The earliest that a zip can tell: the archive depends on its content alone.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def traffic_zip(repositories: Sequence[TrackedRepository]) -> Iterator[bytes]:
    """`owner/name/traffic.csv` for each, as `POST …/import` takes it."""
    sink = _Sink()
    folders: set[str] = set()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for start in range(0, len(repositories), _BATCH):
            batch = repositories[start : start + _BATCH]
            days = selectors.days_of_all(batch, within=DateRange())
            for repository in batch:
                folder = _folder_of(repository, folders)
                folders.add(folder)
                member = zipfile.ZipInfo(f"{folder}/traffic.csv", _EPOCH)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, write_csv(days[repository.pk]))
                yield sink.taken()
    yield sink.taken()


def _folder_of(repository: TrackedRepository, taken: set[str]) -> str:
    """A name that was given to another repository on GitHub can be there twice: the history of the
    former one, and of the present one."""
    name = repository.full_name
    return f"{name}-{str(repository.uuid)[:8]}" if name in taken else name


class _Sink(io.RawIOBase):
    """What was written since it was last taken. It cannot seek, so that zipfile never goes back."""

    def __init__(self) -> None:
        self._parts = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]  # any bytes-like object
        self._parts += part
        return len(part)

    def taken(self) -> bytes:
        part = bytes(self._parts)
        self._parts.clear()
        return part
