"""Storing what came of a fetch: everything in one transaction, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.logs.formatter import redact
from repos.badges.cache import badges_changed
from repos.fetching.downloads import store_releases
from repos.github import (
    ConditionalResult,
    FetchResult,
    GitHubError,
    RateLimited,
    RepositoryArchived,
    RepositoryReplaced,
)
from repos.models import (
    PopularityKind,
    PopularitySnapshot,
    RepositoryFacts,
    TrackedRepository,
    TrafficDay,
)
from repos.models.facts import FACTS
from repos.selectors import loss_warning
from repos.traffic.history import locked_repository, merge_days
from repos.traffic.merging import COVERED_DAYS, ONE_DAY, Count, DayFigures, fetched_history
from repos.traffic.weeks import merge_weeks

_WINDOW = ("window_views", "window_unique_visitors", "window_clones", "window_unique_cloners")
_RELEASES = "/releases"


def store_fetched(
    *, repository_id: int, result: FetchResult, credential_fingerprint: str, now: datetime
) -> bool:
    """False when the repository was deleted since it was asked about."""
    with transaction.atomic():
        repository = locked_repository(repository_id)
        if repository is None:
            return False
        if repository.etags_credential != credential_fingerprint:
            repository.etags, repository.etags_credential = {}, credential_fingerprint
        _store_facts(repository, result)
        _store_days(repository, result)
        _store_weeks(repository, result)
        _store_popularity(repository, result)
        _store_releases(repository, result)
        _store_identity(repository, result)
        _store_outcome(repository, result.problem, at=result.requested_at)
        repository.last_attempt_at = now
        repository.save()
        badges_changed(repository.pk)
    return True


def store_failure(*, repository_id: int, message: str, now: datetime) -> bool:
    """A fetch that never began. False when the repository was deleted."""
    with transaction.atomic():
        repository = locked_repository(repository_id)
        if repository is None:
            return False
        _store_outcome(repository, GitHubError(message), at=now)
        repository.last_attempt_at = now
        repository.save(
            update_fields=["last_attempt_at", "last_error", "failed_days", "last_failed_on"]
        )
    return True


def _store_outcome(
    repository: TrackedRepository, problem: GitHubError | None, *, at: datetime
) -> None:
    today = at.date()
    repository.last_error = redact(problem.message) if problem else ""
    if problem is None or isinstance(problem, RepositoryArchived):
        repository.failed_days, repository.last_failed_on = 0, None
        return
    if isinstance(problem, RepositoryReplaced):
        repository.replaced_at = at
        return
    repository.last_error += f" {loss_warning(repository, today=today)}"
    if not isinstance(problem, RateLimited) and repository.last_failed_on != today:
        repository.failed_days += 1
        repository.last_failed_on = today


def _store_facts(repository: TrackedRepository, result: FetchResult) -> None:
    """The last fetch of the day stands. Facts that did not change are those of the newest row."""
    if (facts := result.facts) is None:
        return
    today = result.requested_at.date()
    if facts.value is not None:
        figures = {name: getattr(facts.value, name) for name in FACTS}
        repository.archived = facts.value.is_archived
    else:
        newest = repository.facts.filter(date__lte=today).order_by("-date")
        figures = dict(newest.values(*FACTS).first() or {})
    RepositoryFacts.objects.bulk_create(
        [RepositoryFacts(repository=repository, date=today, **figures)],
        update_conflicts=True,
        unique_fields=["repository", "date"],
        update_fields=FACTS,
    )
    repository.etags |= facts.etags


def _store_days(repository: TrackedRepository, result: FetchResult) -> None:
    """Views and clones make a day together: with one of them alone it would look like zeros."""
    views, clones = result.views, result.clones
    if views is None or clones is None:
        return
    today = result.requested_at.date()
    is_same_as_before = views.value is None or clones.value is None
    history = fetched_history(
        views.value.days if views.value else {},
        clones.value.days if clones.value else {},
        fetched_at=result.requested_at,
        listed_before=_days_with_traffic(repository, today) if is_same_as_before else (),
    )
    merge_days(repository, history)
    said_today: dict[str, int | None] = (
        _window_before(repository, today) if is_same_as_before else {}
    )
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
    repository.etags |= {**views.etags, **clones.etags}
    repository.last_fetched_at = max(
        result.requested_at, repository.last_fetched_at or result.requested_at
    )


def _days_with_traffic(repository: TrackedRepository, today: date) -> Sequence[date]:
    """The days of the window that an unchanged body must have listed."""
    return list(
        repository.days.filter(
            Q(views__gt=0) | Q(clones__gt=0), date__gt=today - COVERED_DAYS * ONE_DAY
        ).values_list("date", flat=True)
    )


def _window_before(repository: TrackedRepository, today: date) -> dict[str, int | None]:
    """GitHub's totals as last stored: what it did not send again has not changed."""
    newest = (
        TrafficDay.objects.filter(
            repository=repository, date__lte=today, window_views__isnull=False
        )
        .order_by("-date")
        .values(*_WINDOW)
        .first()
    )
    return dict(newest) if newest else {}


def _store_weeks(repository: TrackedRepository, result: FetchResult) -> None:
    views, clones = (
        _stored_part(repository, result.weekly_views),
        _stored_part(repository, result.weekly_clones),
    )
    merge_weeks(
        repository,
        {
            week: DayFigures(
                views=_total(views, week),
                unique_visitors=_uniques(views, week),
                clones=_total(clones, week),
                unique_cloners=_uniques(clones, week),
            )
            for week in (views or {}).keys() | (clones or {}).keys()
        },
    )


def _stored_part(
    repository: TrackedRepository, part: ConditionalResult[Mapping[date, Count]] | None
) -> Mapping[date, Count] | None:
    if part is None:
        return None
    repository.etags |= part.etags
    return part.value


def _total(weeks: Mapping[date, Count] | None, week: date) -> int | None:
    """A week that GitHub leaves out of a list that it sent had no traffic; without the list the
    figure is unknown."""
    return None if weeks is None else weeks.get(week, Count()).total


def _uniques(weeks: Mapping[date, Count] | None, week: date) -> int | None:
    return None if weeks is None else weeks.get(week, Count()).uniques


def _store_popularity(repository: TrackedRepository, result: FetchResult) -> None:
    parts: list[tuple[str, ConditionalResult[Any] | None]] = [
        (PopularityKind.REFERRERS, result.referrers),
        (PopularityKind.PATHS, result.paths),
    ]
    for kind, part in parts:
        if part is None:
            continue
        entries = None if part.value is None else [asdict(entry) for entry in part.value]
        _store_snapshot(repository, kind, entries, result.requested_at.date())
        repository.etags |= part.etags


def _store_snapshot(
    repository: TrackedRepository, kind: str, entries: Sequence[Any] | None, today: date
) -> None:
    """`entries` None: the same as last time. The list of a day is replaced as a whole; a day on
    which nobody asked has none, so a row is not stretched over it."""
    newest = (
        PopularitySnapshot.objects.filter(repository=repository, kind=kind)
        .order_by("-first_date")
        .first()
    )
    if newest is not None and newest.last_date > today:
        return
    if newest is not None and entries is None:
        entries = newest.entries
    is_next = newest is not None and newest.last_date >= today - ONE_DAY
    if newest is not None and is_next and newest.entries == entries:
        newest.last_date = today
        newest.save(update_fields=["last_date"])
        return
    if newest is not None and newest.first_date == today:
        newest.entries = entries
        newest.save(update_fields=["entries"])
        return
    if newest is not None and newest.last_date == today:
        newest.last_date = today - ONE_DAY
        newest.save(update_fields=["last_date"])
    PopularitySnapshot.objects.create(
        repository=repository, kind=kind, first_date=today, last_date=today, entries=entries or []
    )


def _store_releases(repository: TrackedRepository, result: FetchResult) -> None:
    if (releases := result.releases) is None:
        return
    store_releases(repository, releases.value, today=result.requested_at.date())
    others = {
        suffix: etag
        for suffix, etag in repository.etags.items()
        if not suffix.startswith(_RELEASES)
    }
    repository.etags = {**others, **releases.etags}


def _store_identity(repository: TrackedRepository, result: FetchResult) -> None:
    """The id that survives a rename, and the new name after one."""
    if isinstance(result.problem, RepositoryReplaced):
        return
    repository.github_id = result.github_id or repository.github_id
    details = result.facts.value if result.facts else None
    name = details.name if details else None
    if name is None or not result.has_moved or name.key == repository.key:
        return
    taken = TrackedRepository.objects.filter(
        user_id=repository.user_id, key=name.key, replaced_at__isnull=True
    )
    if not taken.exists():
        repository.rename(name)
