"""Days, whoever tells them, merged into what is stored. Figures never fall."""

from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction

from repos.badges.cache import badges_changed
from repos.models import TrackedRepository, TrafficDay
from repos.selectors import UnknownRepository
from repos.traffic.merging import FIGURES, History, is_settled, merged
from repos.traffic.weeks import merge_weeks

_BATCH = 500


def import_history(
    *, repository: TrackedRepository, history: History, now: datetime, weeks: History | None = None
) -> None:
    """Merge days, and weeks by their Monday, that were gathered elsewhere.

    A day that GitHub may still add to is not complete, whatever the file says. Raises
    UnknownRepository when it was just deleted.
    """
    believed = {
        day: figures if is_settled(day, at=now) else replace(figures, complete=False)
        for day, figures in history.items()
    }
    with transaction.atomic():
        lock_repository(repository)
        merge_days(repository, believed)
        merge_weeks(repository, weeks or {})
        badges_changed(repository.pk)


def locked_repository(repository_id: int) -> TrackedRepository | None:
    """The repository, whose history nobody else changes until the transaction ends. (SQLite has
    one writer anyway.) None when it was deleted."""
    return TrackedRepository.objects.select_for_update().filter(pk=repository_id).first()


def lock_repository(repository: TrackedRepository) -> None:
    """Whatever is added to it comes before or after its deletion. Raises UnknownRepository."""
    if locked_repository(repository.pk) is None:
        raise UnknownRepository


def merge_days(repository: TrackedRepository, history: History) -> None:
    """Keep the larger of each figure. The caller holds the row of the repository locked."""
    if not history:
        return
    days = TrafficDay.objects.filter(
        repository=repository, date__range=(min(history), max(history))
    )
    stored = {day.date: day.figures for day in days}
    together = merged({day: stored[day] for day in stored.keys() & history.keys()}, history)
    TrafficDay.objects.bulk_create(
        [
            TrafficDay(repository=repository, date=day, **asdict(figures))
            for day, figures in together.items()
            if stored.get(day) != figures
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["repository", "date"],
        update_fields=[*FIGURES, "complete"],
    )
