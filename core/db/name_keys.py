"""For data migrations: the comparison keys of names that are stored already."""

import logging
from typing import Any

from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Concat

from core.text import comparison_key

_log = logging.getLogger("foyer.migrations")
_BATCH_SIZE = 500


def update_name_keys(model: type[models.Model], *, max_length: int) -> None:
    """Give every row of `model` (`name`, `name_key`) the key of its name.

    Names that have become equal are not merged. The oldest row gets the key, each other one a key
    of its own, and a warning names both. The next edit of such a row asks for another name.
    """
    manager: models.Manager[Any] = model._default_manager
    holder_of: dict[str, Any] = {}
    changed = []
    for row in manager.order_by("pk").only("name"):
        key = comparison_key(row.name)[:max_length]
        holder = holder_of.setdefault(key, row)
        if holder is not row:
            _log.warning(
                "%s %r (id %s) and %r (id %s) now count as one name; rename one of them.",
                model._meta.verbose_name, holder.name, holder.pk, row.name, row.pk,
            )  # fmt: skip
            # No key holds a space.
            key = f"{key[: max_length - 20]} {row.pk}"
        row.name_key = key
        changed.append(row)
    # The new key of one row may be the old key of another: all make room first.
    manager.update(name_key=Concat(Value(" "), Cast("pk", models.CharField())))
    for start in range(0, len(changed), _BATCH_SIZE):
        manager.bulk_update(changed[start : start + _BATCH_SIZE], ["name_key"])
