"""The history of a repository as CSV. `repos.imports` reads it, and the files of other keepers."""

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

from core.dates import DateRange
from repos.imports.csv_files import OWN_COLUMNS
from repos.models import TrackedRepository
from repos.selectors import Day, days_of


def csv_response(repository: TrackedRepository, *, within: DateRange) -> HttpResponse:
    """The days as a file to download."""
    name = f"{repository.owner}-{repository.name}-traffic.csv"
    return HttpResponse(
        write_csv(days_of(repository, within=within)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def write_csv(days: Iterable[Day]) -> str:
    """RFC 4180, oldest day first; an unknown figure is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(OWN_COLUMNS)
    for day in days:
        writer.writerow(
            (
                day.date.isoformat(),
                day.views,
                day.unique_visitors,
                day.clones,
                day.unique_cloners,
                "true" if day.complete else "false",
            )
        )
    return text.getvalue()
