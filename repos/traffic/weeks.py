"""GitHub's weekly figures. People of a week cannot be added up from its days."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from repos.models import TrackedRepository, TrafficWeek
from repos.traffic.merging import FIGURES, DayFigures, merged

_BATCH = 500


def merge_weeks(repository: TrackedRepository, weeks: Mapping[date, DayFigures]) -> None:
    """Keep the larger of each figure, by the Monday of the week. The caller holds the row of the
    repository locked."""
    rows = TrafficWeek.objects.filter(repository=repository, week__in=list(weeks))
    stored = {
        row.week: DayFigures(row.views, row.unique_visitors, row.clones, row.unique_cloners)
        for row in rows
    }
    changed = {
        week: figures
        for week, figures in merged(stored, weeks).items()
        if stored.get(week) != figures
    }
    TrafficWeek.objects.bulk_create(
        [
            TrafficWeek(
                repository=repository,
                week=week,
                **{name: figure for name, figure in asdict(figures).items() if name in FIGURES},
            )
            for week, figures in changed.items()
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["repository", "week"],
        update_fields=FIGURES,
    )
