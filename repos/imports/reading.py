"""One upload, whatever it is, as history: a file of a known keeper, or a zip with several."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from repos.github_urls import RepositoryName
from repos.imports import content_types
from repos.imports.csv_files import read_csv_file
from repos.imports.ghstats import HEADER as SQLITE_HEADER
from repos.imports.ghstats import read_ghstats_file
from repos.imports.histories import (
    FileHistory,
    NotTraffic,
    OtherRepositories,
    UnreadableFile,
)
from repos.imports.json_files import looks_like_json, read_json_file
from repos.traffic.merging import DayFigures, History

MAX_BYTES = 32 * 1024 * 1024
MAX_ZIP_MEMBERS = 10_000
_CHUNK_BYTES = 64 * 1024
_SHOWN_NAMES = 10

# The others take memory by the word of the file.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

# What zipfile lets out of a damaged archive, found by changing bytes of good ones.
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    ValueError,
)

# Folders that say of which repository a file is, in archives of several: the data branch of
# github-repo-stats, the branch of traffic-to-badge, our own traffic.zip and the export of one's own
# data. Whoever unpacks an archive and packs the folder again puts one more folder in front.
_TRAFFIC_TO_BADGE = re.compile(r"(?:^|/)traffic-([^/]+)/traffic_[a-z_]+\.json$")
_FOLDERS = (
    re.compile(r"(?:^|/)([^/]+/[^/]+)/ghrs-data/"),
    _TRAFFIC_TO_BADGE,
    re.compile(r"(?:^|/)([^/]+/[^/]+)/traffic\.csv$"),
    re.compile(r"(?:^|/)repositories/([^/]+/[^/]+)-[0-9]+/days\.csv$"),
)


@dataclass(frozen=True, slots=True)
class Import:
    """The history in an upload, and the files that it came from."""

    files: list[FileHistory]

    @property
    def days(self) -> dict[date, DayFigures]:
        return _merged(file.days for file in self.files)

    @property
    def weeks(self) -> dict[date, DayFigures]:
        return _merged(file.weeks for file in self.files)


def read_import(content: bytes, *, file_name: str, wanted: RepositoryName, today: date) -> Import:
    """Raises UnreadableFile with a sentence that names the file by its content, and what to send;
    Unavailable where the machine could not do it."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile("The file has more than 32 MiB.")
    if content.startswith((content_types.ZIP, content_types.EMPTY_ZIP)):
        return Import(_read_zip(content, wanted, today))
    history = _read_file(content, wanted, today)
    return Import([replace(history, name=file_name)])


def _merged(histories: Iterable[History]) -> dict[date, DayFigures]:
    """In place: an archive may hold a small file for each day of years."""
    together: dict[date, DayFigures] = {}
    for history in histories:
        for day, figures in history.items():
            known = together.get(day)
            together[day] = figures if known is None else known.merged_with(figures)
    return dict(sorted(together.items()))


def _read_file(
    content: bytes, wanted: RepositoryName, today: date, *, path: str = ""
) -> FileHistory:
    """`path`: within an archive, with slashes."""
    if content.startswith(SQLITE_HEADER):
        return read_ghstats_file(content, wanted=wanted, today=today)
    kind = content_types.binary_type_of(content) or content_types.text_type_of(content)
    if kind is not None:
        raise NotTraffic(f"This is {kind}.")
    if looks_like_json(content):
        holds_days = _TRAFFIC_TO_BADGE.search(path) is not None
        return read_json_file(content, wanted=wanted, today=today, holds_days=holds_days)
    return read_csv_file(content, wanted=wanted, today=today)


def _read_zip(content: bytes, wanted: RepositoryName, today: date) -> list[FileHistory]:
    """The files with traffic of the wanted repository; others are passed over, a broken one
    rejects the whole."""
    histories: list[FileHistory] = []
    elsewhere: list[str] = []
    ignored: list[str] = []
    for path, member in _members(content):
        # Some programs on Windows write backslashes, against the specification (APPNOTE 4.4.17.1).
        slashed = path.replace("\\", "/")
        repository = _repository_of(slashed)
        if repository is not None and not wanted.is_called(repository):
            elsewhere.append(repository)
            continue
        try:
            histories.append(replace(_read_file(member, wanted, today, path=slashed), name=path))
        except OtherRepositories as error:
            elsewhere.extend(error.names)
        except NotTraffic:
            ignored.append(path)
        except UnreadableFile as error:
            if not _claims_to_be_data(path):
                ignored.append(path)
                continue
            raise UnreadableFile(f"{path}: {error.message}", code=error.code) from error
    if histories:
        return histories
    if elsewhere:
        raise OtherRepositories(elsewhere, wanted=wanted.full_name)
    if "[Content_Types].xml" in ignored:
        raise NotTraffic("This is an Office document; save the sheet as CSV.")
    raise NotTraffic(f"The zip holds no file of a known keeper; it holds {_listed(ignored)}.")


def _claims_to_be_data(path: str) -> bool:
    """Only such a file can be a broken one of a keeper: a README that begins with a bracket is no
    broken JSON."""
    return path.lower().endswith((".csv", ".json", ".db", ".sqlite", ".sqlite3"))


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN_NAMES
    shown = ", ".join(name[:100] for name in names[:_SHOWN_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown or "nothing"


def _repository_of(path: str) -> str | None:
    return next((match[1] for folder in _FOLDERS if (match := folder.search(path))), None)


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file, at most MAX_BYTES together: sizes in the archive's directory
    are not believed."""
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_ZIP_MEMBERS:
                raise UnreadableFile(f"The zip holds more than {MAX_ZIP_MEMBERS} files.")
            for member in members:
                if member.is_dir() or _is_of_the_finder(member.filename):
                    continue
                if member.flag_bits & 1:
                    raise UnreadableFile(
                        f"{member.filename}: The file is encrypted; send a zip without a password."
                    )
                if member.compress_type not in _COMPRESSIONS:
                    raise UnreadableFile(
                        f"{member.filename}: The file is packed in an unusual way; use Deflate."
                    )
                data = _unpacked(archive, member, left)
                left -= len(data)
                yield member.filename, data
    except _DAMAGES as error:
        raise UnreadableFile("The zip is damaged, or packed in an unusual way.") from error


def _is_of_the_finder(path: str) -> bool:
    """What macOS stores beside a file, under the name of that file."""
    return path.startswith("__MACOSX/") or path.rpartition("/")[2].startswith("._")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    parts = io.BytesIO()
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK_BYTES):
            if parts.tell() + len(chunk) > limit:
                raise UnreadableFile("The zip unpacks to more than 32 MiB.")
            parts.write(chunk)
    return parts.getvalue()
