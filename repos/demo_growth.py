"""The made-up part of the demo beside its days: stars, weeks, releases, downloads, referrers."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from repos.models import (
    DownloadDay,
    Note,
    PopularityKind,
    PopularitySnapshot,
    Release,
    RepositoryFacts,
    TrackedRepository,
    TrafficWeek,
)
from repos.traffic.merging import ONE_DAY, DayFigures, History

Name = TypeVar("Name")
_WINDOW_DAYS = 14
_LISTED = 10
_PAGES = (
    ("", ""),
    ("/releases", "Releases"),
    ("/issues", "Issues"),
    ("/blob/main/README.md", "README.md at main"),
    ("/tree/main/docs", "docs at main"),
    ("/blob/main/docs/install.md", "docs/install.md at main"),
    ("/pulls", "Pull requests"),
    ("/discussions", "Discussions"),
    ("/blob/main/CHANGELOG.md", "CHANGELOG.md at main"),
    ("/wiki", "Wiki"),
    ("/actions", "Workflow runs"),
    ("/tree/main/examples", "examples at main"),
)


def store_growth(
    repository: TrackedRepository,
    history: History,
    *,
    release_days: Sequence[date],
    referrers: Sequence[str],
    now: datetime,
) -> None:
    """Whatever the days of `history` lead to; the same for the same history."""
    chance = random.Random(repository.name)  # noqa: S311  # no secret
    days = sorted(history)
    _store_facts(repository, history, days, chance)
    _store_weeks(repository, history, days)
    _store_releases(repository, days, release_days, chance)
    _store_popularity(repository, history, days, referrers, chance)
    if release_days:
        Note.objects.create(
            repository=repository,
            date=release_days[0] + ONE_DAY,
            text="On the front page of a news site",
            created_at=now,
        )


def _store_facts(
    repository: TrackedRepository, history: History, days: Sequence[date], chance: random.Random
) -> None:
    stars, forks, issues = 40.0, 5.0, 8
    rows = []
    for day in days:
        visitors = _number(history[day].unique_visitors)
        stars += visitors * 0.02
        forks += visitors * 0.002
        issues = max(0, issues + chance.choice((-1, 0, 0, 1)))
        rows.append(
            RepositoryFacts(
                repository=repository,
                date=day,
                stars=round(stars),
                forks=round(forks),
                watchers=round(stars / 12),
                open_issues=issues,
            )
        )
    RepositoryFacts.objects.bulk_create(rows)


def _store_weeks(repository: TrackedRepository, history: History, days: Sequence[date]) -> None:
    """People of a week are fewer than those of its days together."""
    weeks: dict[date, list[DayFigures]] = {}
    for day in days:
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(history[day])
    TrafficWeek.objects.bulk_create(
        TrafficWeek(
            repository=repository,
            week=week,
            views=sum(_number(day.views) for day in figures),
            unique_visitors=round(sum(_number(day.unique_visitors) for day in figures) * 0.8),
            clones=sum(_number(day.clones) for day in figures),
            unique_cloners=round(sum(_number(day.unique_cloners) for day in figures) * 0.85),
        )
        for week, figures in weeks.items()
    )


def _store_releases(
    repository: TrackedRepository,
    days: Sequence[date],
    release_days: Sequence[date],
    chance: random.Random,
) -> None:
    downloads = [
        DownloadDay(
            repository=repository,
            date=day,
            downloads=sum(
                round(chance.uniform(0.5, 1.5) * 400 / (5 + (day - released).days))
                for released in release_days
                if released <= day
            ),
        )
        for day in days[1:]
    ]
    DownloadDay.objects.bulk_create(downloads)
    total = sum(day.downloads for day in downloads)
    Release.objects.bulk_create(
        Release(
            repository=repository,
            github_id=n,
            tag=f"v{n}.0",
            name=f"Version {n}",
            published_at=datetime.combine(released, time(12), tzinfo=UTC),
            downloads=total // len(release_days),
        )
        for n, released in enumerate(release_days, start=1)
    )


def _store_popularity(
    repository: TrackedRepository,
    history: History,
    days: Sequence[date],
    referrers: Sequence[str],
    chance: random.Random,
) -> None:
    """A list of each kind a day, over the last quarter of a year."""
    snapshots = []
    for day in days[-90:]:
        window = [history.get(day - n * ONE_DAY, DayFigures()) for n in range(_WINDOW_DAYS)]
        views = sum(_number(one.views) for one in window)
        sites = [
            {"referrer": name, "views": count, "unique_visitors": count * 2 // 3}
            for name, count in _shares(referrers, views // 3, chance)
        ]
        pages = [
            {
                "path": f"/{repository.full_name}{path}",
                "title": f"{title} · {repository.full_name}" if title else repository.full_name,
                "views": count,
                "unique_visitors": count // 2,
            }
            for (path, title), count in _shares(_PAGES, views // 2, chance)
        ]
        snapshots += [
            PopularitySnapshot(
                repository=repository, kind=kind, first_date=day, last_date=day, entries=entries
            )
            for kind, entries in (
                (PopularityKind.REFERRERS, sites),
                (PopularityKind.PATHS, pages),
            )
        ]
    PopularitySnapshot.objects.bulk_create(snapshots)


def _shares(names: Sequence[Name], views: int, chance: random.Random) -> list[tuple[Name, int]]:
    """GitHub's ten: each name with its views, most first."""
    shares = [
        (name, round(views / (n + 1.5) * chance.uniform(0.7, 1.3))) for n, name in enumerate(names)
    ]
    return sorted((one for one in shares if one[1]), key=lambda one: -one[1])[:_LISTED]


def _number(figure: int | None) -> int:
    return figure or 0
