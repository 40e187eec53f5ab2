"""The shown days as a file."""

from django.http import HttpResponse

from core.dates import DateRange
from repos import selectors
from repos.models import TrackedRepository
from repos.traffic.csv_files import write_csv


def csv_of(repository: TrackedRepository, *, within: DateRange) -> HttpResponse:
    """The same file as `GET /api/repos/<id>/traffic.csv`, for whoever has the page's token only."""
    name = f"{repository.owner}-{repository.name}-traffic.csv"
    return HttpResponse(
        write_csv(selectors.days_of(repository, within=within)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
