"""What a file tells, and how a file is rejected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core.exceptions import ValidationFailed
from repos.traffic.merging import DayFigures

# A century of days, times ten: more rows are not the history of a repository.
MAX_ROWS = 365_250
_NAMES_SHOWN = 10


class UnreadableFile(ValidationFailed):
    """A file that is damaged, or of a known keeper but with a value that cannot be right."""

    code = "invalid_import"
    attr = "file"


class NotTraffic(UnreadableFile):
    """A file without days of traffic. Within an archive it is passed over."""


class OtherRepositories(UnreadableFile):
    """The file tells of repositories, none of which is the wanted one."""

    code = "repository_not_in_file"

    def __init__(self, names: Iterable[str], *, wanted: str) -> None:
        self.names = sorted(set(names))
        shown = ", ".join(self.names[:_NAMES_SHOWN])
        more = len(self.names) - _NAMES_SHOWN
        super().__init__(
            f"The file holds {shown}{f' and {more} more' if more > 0 else ''}, but not {wanted}."
            " To take the history of one of them, add ?repository=owner/name to the address."
        )


@dataclass(frozen=True, slots=True)
class FileHistory:
    """The days and weeks (by their Monday) in one file; None in a figure: the file does not tell.

    `format` names the keeper. `name` is that of the file, or its path within an archive.
    """

    format: str
    days: Mapping[date, DayFigures] = field(default_factory=dict)
    weeks: Mapping[date, DayFigures] = field(default_factory=dict)
    name: str = ""


def day_figures(known: Mapping[str, int | None], *, complete: bool = False) -> DayFigures:
    """From figures by name; one that is missing is unknown."""
    return DayFigures(
        views=known.get("views"),
        unique_visitors=known.get("unique_visitors"),
        clones=known.get("clones"),
        unique_cloners=known.get("unique_cloners"),
        complete=complete,
    )
