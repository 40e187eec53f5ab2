"""Which tables hold what about a user, for the export of one's own data (GDPR Art. 15 and 20).

Each app declares its tables in `AppConfig.ready()`: exported, or left out for a reason. A test
walks the schema and fails for a table that points at users and is in neither list.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models

from core.db.keyset import rows_after

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class ExportedTable:
    """`member`: the file, `.csv` or `.json`. `columns`: what its columns are called, and the field
    of each, across relations too. `owner`: the field that points at the owner. `order`: fields that
    are never null and together unique; an index on the owner and them keeps large tables cheap."""

    member: str
    model: str
    columns: Mapping[str, str]
    owner: str = "user"
    order: Sequence[str] = ("pk",)

    def batches(self, owner_id: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some thousand at a time. One query each: a client that reads slowly holds no
        transaction open, and occupies no connection."""
        rows = apps.get_model(self.model)._default_manager.order_by(*self.order)
        rows = rows.filter(**{self.owner: owner_id})
        page, names = rows, (*self.order, *self.columns.values())
        while True:
            batch = list(page.values_list(*names)[:_ROWS_AT_ONCE])
            _release_connection()
            yield [row[len(self.order) :] for row in batch]
            if len(batch) < _ROWS_AT_ONCE:
                return
            last = batch[-1][: len(self.order)]
            page = rows_after(rows, order=self.order, position=last)


@dataclass(frozen=True)
class ExportedFolder:
    """A folder with the same files for each row of `model`; `name` gives its path."""

    model: str
    name: Callable[[Any], str]
    tables: Sequence[ExportedTable]
    owner: str = "user"

    def rows(self, owner_id: int) -> list[models.Model]:
        rows = apps.get_model(self.model)._default_manager.filter(**{self.owner: owner_id})
        return list(rows.order_by("pk"))


@dataclass
class _Registry:
    tables: list[ExportedTable] = field(default_factory=list)
    folders: list[ExportedFolder] = field(default_factory=list)
    # By label of the model.
    left_out: dict[str, str] = field(default_factory=dict)


registry = _Registry()


def export(*parts: ExportedTable | ExportedFolder) -> None:
    for part in parts:
        if isinstance(part, ExportedFolder):
            registry.folders.append(part)
        else:
            registry.tables.append(part)


def leave_out(model: str, *, reason: str) -> None:
    registry.left_out[model] = reason


def same_names(*names: str) -> dict[str, str]:
    """Columns that are called what their fields are called."""
    return {name: name for name in names}


def declared_models() -> set[str]:
    """Labels of all models that some app has declared."""
    exported = {table.model for table in registry.tables}
    for folder in registry.folders:
        exported |= {folder.model, *(table.model for table in folder.tables)}
    return exported | registry.left_out.keys()


def _release_connection() -> None:
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()
