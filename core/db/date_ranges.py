"""Rows of the days that were asked for."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from core.dates import DateRange

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


def within_range(rows: Rows, day: str, within: DateRange) -> Rows:
    """Those whose date in the column `day` lies within the range, both ends included."""
    if within.start is not None:
        rows = rows.filter(**{f"{day}__gte": within.start})
    if within.end is not None:
        rows = rows.filter(**{f"{day}__lte": within.end})
    return rows
