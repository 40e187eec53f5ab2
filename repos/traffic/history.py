"""Writing history: what GitHub or a file says, merged into what is stored. Figures never fall."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from core.logging import redact
from repos.badges.cache import badges_changed
from repos.github import Fetched
from repos.models import (
    PopularityKind,
    PopularitySnapshot,
    RepositoryFacts,
    TrackedRepository,
    TrafficDay,
)
from repos.selectors import loss_warning
from repos.traffic.merging import FIGURES, DayFigures, History, fetched_history, is_settled, merged
from repos.traffic.weeks import merge_weeks

_BATCH = 500


def store_fetched(
    *, repository_id: int, fetched: Fetched, credential_fingerprint: str, now: datetime
) -> bool:
    """Everything that came of one fetch, or nothing. False when the entry was deleted meanwhile."""
    with transaction.atomic():
        repository = _locked(repository_id)
        if repository is None:
            return False
        if repository.etags_credential != credential_fingerprint:
            repository.etags, repository.etags_credential = {}, credential_fingerprint
        _store_facts(repository, fetched)
        _store_days(repository, fetched)
        _store_popularity(repository, fetched)
        _store_identity(repository, fetched)
        repository.last_attempt_at = now
        repository.last_error = _error_sentence(repository, fetched, now)
        repository.save()
        badges_changed(repository.pk)
    return True


def store_failure(*, repository_id: int, message: str, now: datetime) -> bool:
    """A fetch that never began. False when the entry was deleted meanwhile."""
    with transaction.atomic():
        repository = _locked(repository_id)
        if repository is None:
            return False
        repository.last_attempt_at = now
        repository.last_error = f"{message} {loss_warning(repository, today=now.date())}"
        repository.save(update_fields=["last_attempt_at", "last_error"])
    return True


def import_history(
    *, repository: TrackedRepository, history: History, now: datetime, weeks: History | None = None
) -> None:
    """Merge days, and weeks by their Monday, that were gathered elsewhere.

    A day that GitHub may still add to is not complete, whatever the file says.
    """
    believed = {
        day: figures
        if is_settled(day, at=now)
        else DayFigures(**{**asdict(figures), "complete": False})
        for day, figures in history.items()
    }
    with transaction.atomic():
        if _locked(repository.pk) is not None:
            _merge(repository, believed)
            merge_weeks(repository, weeks or {})
            badges_changed(repository.pk)


def _locked(repository_id: int) -> TrackedRepository | None:
    """The repository, with its history to ourselves until the transaction ends. (SQLite has one
    writer anyway.)"""
    return TrackedRepository.objects.select_for_update().filter(pk=repository_id).first()


def _merge(repository: TrackedRepository, history: History) -> None:
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


def _store_days(repository: TrackedRepository, fetched: Fetched) -> None:
    """Views and clones make a day together: with one of them alone it would look like zeros."""
    views, clones = fetched.views, fetched.clones
    if views is None or clones is None:
        return
    history = fetched_history(
        views.value.days if views.value else {},
        clones.value.days if clones.value else {},
        fetched_at=fetched.requested_at,
    )
    _merge(repository, history)
    today = fetched.requested_at.date()
    said_today: dict[str, int | None] = _window_before(repository, today)
    if views.value:
        said_today |= {
            "window_views": views.value.total.total,
            "window_unique_visitors": views.value.total.uniques,
        }
    if clones.value:
        said_today |= {
            "window_clones": clones.value.total.total,
            "window_unique_cloners": clones.value.total.uniques,
        }
    TrafficDay.objects.filter(repository=repository, date=today).update(**said_today)
    repository.etags |= {"views": views.etag, "clones": clones.etag}
    repository.last_fetched_at = max(
        fetched.requested_at, repository.last_fetched_at or fetched.requested_at
    )


def _store_facts(repository: TrackedRepository, fetched: Fetched) -> None:
    """The last fetch of the day stands."""
    if (facts := fetched.facts) is None:
        return
    RepositoryFacts.objects.update_or_create(
        repository=repository,
        date=fetched.requested_at.date(),
        defaults={
            "stars": facts.stars,
            "forks": facts.forks,
            "watchers": facts.watchers,
            "open_issues": facts.open_issues,
        },
    )
    repository.archived = facts.is_archived


def _window_before(repository: TrackedRepository, today: date) -> dict[str, int | None]:
    """GitHub's totals as last stored: what it did not send again has not changed."""
    names = ("window_views", "window_unique_visitors", "window_clones", "window_unique_cloners")
    newest = (
        TrafficDay.objects.filter(
            repository=repository, date__lte=today, window_views__isnull=False
        )
        .order_by("-date")
        .values(*names)
        .first()
    )
    return dict(newest) if newest else {}


def _store_popularity(repository: TrackedRepository, fetched: Fetched) -> None:
    parts: list[tuple[str, Any]] = [
        (PopularityKind.REFERRERS, fetched.referrers),
        (PopularityKind.PATHS, fetched.paths),
    ]
    for kind, part in parts:
        if part is None:
            continue
        entries = None if part.value is None else [asdict(entry) for entry in part.value]
        _store_snapshot(repository, kind, entries, fetched.requested_at.date())
        repository.etags[kind] = part.etag


def _store_snapshot(
    repository: TrackedRepository, kind: str, entries: Sequence[Any] | None, today: date
) -> None:
    """`entries` None: the same as last time. The list of a day is replaced as a whole."""
    newest = (
        PopularitySnapshot.objects.filter(repository=repository, kind=kind)
        .order_by("-first_date")
        .first()
    )
    if newest is not None and newest.last_date > today:
        return
    if newest is not None and (entries is None or newest.entries == entries):
        newest.last_date = today
        newest.save(update_fields=["last_date"])
        return
    if newest is not None and newest.first_date == today:
        newest.entries = entries
        newest.save(update_fields=["entries"])
        return
    if newest is not None and newest.last_date == today:
        newest.last_date = today - timedelta(days=1)
        newest.save(update_fields=["last_date"])
    PopularitySnapshot.objects.create(
        repository=repository, kind=kind, first_date=today, last_date=today, entries=entries or []
    )


def _store_identity(repository: TrackedRepository, fetched: Fetched) -> None:
    """The id that survives a rename, and the new name after one."""
    repository.github_id = fetched.github_id or repository.github_id
    name = fetched.facts.name if fetched.facts else None
    if name is None or not fetched.has_moved or name.key == repository.key:
        return
    taken = TrackedRepository.objects.filter(user_id=repository.user_id, key=name.key).exists()
    if not taken:
        repository.rename(name)


def _error_sentence(repository: TrackedRepository, fetched: Fetched, now: datetime) -> str:
    if fetched.problem is None:
        return ""
    message = redact(fetched.problem.message)
    return f"{message} {loss_warning(repository, today=now.date())}"
