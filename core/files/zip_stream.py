"""Zips that are sent while they are made, in bounded memory."""

import io
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The path of a file, and its content piece by piece.
Member = tuple[str, Iterable[bytes]]
_SENT_AT_ONCE = 64 * 1024
# The earliest that a zip can tell: an archive depends on its content alone.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def stream_zip(members: Iterable[Member]) -> Iterator[bytes]:
    outbox = _Outbox()
    with ZipFile(outbox, "w", ZIP_DEFLATED) as archive:
        for name, pieces in members:
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            with archive.open(info, "w") as file:
                for piece in pieces:
                    file.write(piece)
                    if outbox.size >= _SENT_AT_ONCE:
                        yield outbox.take()
    yield outbox.take()


class _Outbox(io.RawIOBase):
    """What was written since it was last taken. It cannot seek, so zipfile never goes back: the
    size of a file stands behind it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self.size += len(part)
        return len(part)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts, self.size = [], 0
        return taken
