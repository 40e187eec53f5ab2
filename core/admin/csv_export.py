"""What staff list, as a file: the columns of the list, the rows that were chosen."""

import csv
import html
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import label_for_field, lookup_field
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.html import strip_tags
from django.utils.safestring import SafeData

from core.files.csv import without_formula

# Without it, spreadsheets take UTF-8 for a local encoding.
_BYTE_ORDER_MARK = "\ufeff"
_CHUNK_ROWS = 1000


class _Echo:
    """The csv module writes into a file; here the file is the answer."""

    def write(self, line: str) -> str:
        return line


@admin.action(description="Export the selected rows as CSV", permissions=["view"])
def export_csv(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> StreamingHttpResponse:
    columns = [
        name
        for name in model_admin.get_list_display(request)
        if name != "action_checkbox" and label_for_field(name, model_admin.model, model_admin)
    ]
    related = model_admin.get_list_select_related(request)
    if related and related is not True:
        queryset = queryset.select_related(*related)
    name = model_admin.model._meta.model_name
    return StreamingHttpResponse(
        _lines(model_admin, queryset, columns),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _lines(model_admin: Any, queryset: QuerySet[Any], columns: list[str]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield _BYTE_ORDER_MARK + writer.writerow(columns)
    for row in queryset.iterator(chunk_size=_CHUNK_ROWS):
        yield writer.writerow(
            [to_cell(lookup_field(name, row, model_admin)[2]) for name in columns]
        )


def to_cell(value: Any) -> str:
    """The text of a cell; a formula becomes text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    text = "" if value is None else str(value)
    if isinstance(value, SafeData):  # HTML that a column of the admin made
        text = html.unescape(strip_tags(text))
    return without_formula(text)
