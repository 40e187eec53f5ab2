"""Fills an empty database with everything that the pages can look like. Run as a program, with the
settings of the server that is to show it; prints the tokens and ids as JSON."""

import json
import math
import os
import random
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

TODAY = datetime.now(UTC).date()
API_TOKEN = "a" * 31 + "1"
SHARE_TOKEN = "b" * 31 + "2"
LONG_SHARE_TOKEN = "c" * 31 + "3"
PASSWORD = "correct horse battery staple"


def history(days: int, *, level: int, seed: int, gaps: tuple[tuple[int, int], ...] = ()) -> Any:
    """(days ago, views, unique visitors, clones, unique cloners), oldest first: a working week,
    slow growth, a few days on which somebody wrote about it; `gaps` are (from, to) days ago."""
    chance = random.Random(seed)
    buzz = {chance.randrange(days) for _ in range(days // 90 + 1)}
    rows = []
    for ago in range(days - 1, -1, -1):
        if any(end <= ago <= start for start, end in gaps):
            continue
        weekday = (TODAY - timedelta(days=ago)).weekday()
        mean = level * (0.45 if weekday >= 5 else 1.0) * (1.4 - 0.8 * ago / days)
        mean *= 1 + 0.25 * math.sin(ago / 23)
        mean *= max((6 / (1 + (b - ago)) for b in buzz if 0 <= b - ago < 6), default=1)
        views = max(0, round(chance.gauss(mean, mean / 5)))
        visitors = min(views, round(views * chance.uniform(0.3, 0.5)))
        clones = max(0, round(chance.gauss(mean / 6, mean / 20)))
        rows.append((ago, views, visitors, clones, round(clones * chance.uniform(0.5, 0.9))))
    return rows


def fill() -> dict[str, Any]:
    from django.utils import timezone  # noqa: PLC0415  # after django.setup()

    from repos.models import (  # noqa: PLC0415
        ApiToken,
        FetchRun,
        PopularitySnapshot,
        ShareToken,
        TrackedRepository,
        TrafficDay,
    )
    from repos.models.token import digest_of  # noqa: PLC0415
    from users.models import User  # noqa: PLC0415
    from users.signup.services import register  # noqa: PLC0415

    now = timezone.now()

    def user(name: str, token: str | None, share: str) -> User:
        made = register(
            today=TODAY, username=name, email=f"{name}@example.org", password=PASSWORD,
            birthdate=date(1990, 5, 17),
        )  # fmt: skip
        if token:
            ApiToken.objects.create(user=made, digest=digest_of(token))
        ShareToken.objects.create(user=made, digest=digest_of(share))
        return made

    def repository(owner: User, name: str, rows: Any = (), **fields: Any) -> str:
        fetched_at = now - timedelta(days=rows[-1][0], hours=1) if rows else None
        made = TrackedRepository.objects.create(
            user=owner, owner="lighthouse", name=name, key=f"lighthouse/{name}".lower(),
            created_at=now - timedelta(days=400 if rows else 0), last_fetched_at=fetched_at,
            **fields,
        )  # fmt: skip
        TrafficDay.objects.bulk_create(
            TrafficDay(
                repository=made, date=TODAY - timedelta(days=ago), views=views,
                unique_visitors=visitors, clones=clones, unique_cloners=cloners,
                complete=ago > 3,
            )
            for ago, views, visitors, clones, cloners in rows
        )  # fmt: skip
        if rows:
            last = rows[-14:]
            made.days.filter(date=TODAY - timedelta(days=rows[-1][0])).update(
                window_views=sum(row[1] for row in last),
                window_unique_visitors=round(sum(row[2] for row in last) * 0.8),
                window_clones=sum(row[3] for row in last),
                window_unique_cloners=round(sum(row[4] for row in last) * 0.7),
            )
        return str(made.uuid)

    maya = user("maya", API_TOKEN, SHARE_TOKEN)
    ids = {
        "busy": repository(
            maya, "foghorn", history(96, level=240, seed=1, gaps=((52, 46), (20, 20)))
        ),
        "young": repository(maya, "lamp-oil", history(9, level=12, seed=2)),
        "quiet": repository(maya, "keeper.log", [(ago, 0, 0, 0, 0) for ago in range(40)]),
        "empty": repository(maya, "brass-polish"),
        "failing": repository(
            maya, "spiral-staircase-with-a-rather-long-name",
            history(70, level=60, seed=3)[:-9],
            last_error="GitHub refused the token: it lacks the permission “Administration: read” on"
            " this repository. Give it that permission, or days will be lost for good on"
            f" {TODAY + timedelta(days=5)}.",
        ),
        "new": repository(maya, "spare-fuse", history(1, level=9, seed=4)),
    }  # fmt: skip
    busy = TrackedRepository.objects.get(uuid=ids["busy"])
    PopularitySnapshot.objects.create(
        repository=busy, kind="referrers", first_date=TODAY, last_date=TODAY,
        entries=[
            {"referrer": name, "views": 900 // (n + 1), "unique_visitors": 300 // (n + 1)}
            for n, name in enumerate(
                ("Google", "github.com", "news.ycombinator.com", "old.reddit.com", "duckduckgo.com")
            )
        ],
    )  # fmt: skip
    PopularitySnapshot.objects.create(
        repository=busy, kind="paths", first_date=TODAY, last_date=TODAY,
        entries=[
            {"path": f"/lighthouse/foghorn{path}", "title": title, "views": 700 // (n + 1),
             "unique_visitors": 210 // (n + 1)}
            for n, (path, title) in enumerate((
                ("", "lighthouse/foghorn: A horn for foggy days"),
                ("/issues", "Issues · lighthouse/foghorn"),
                ("/blob/main/docs/a-very-long-path/that-goes-on/and-on/installation.md",
                 "foghorn/docs/installation.md at main · lighthouse/foghorn"),
                ("/releases", "<script>alert('a title is not markup')</script>"),
            ))
        ],
    )  # fmt: skip

    _grow(busy, now)

    fleet = user("fleet", None, LONG_SHARE_TOKEN)
    ids["decade"] = repository(
        fleet, "old-light", history(3650, level=90, seed=5, gaps=((1400, 1290),))
    )
    for n in range(49):
        repository(fleet, f"vessel-{n + 1:02}", history(365, level=5 + 7 * n, seed=100 + n))

    User.objects.create_superuser(username="captain", password=PASSWORD)
    FetchRun.objects.create(
        trigger="command", started_at=datetime.combine(TODAY, time(4), UTC),
        ended_at=datetime.combine(TODAY, time(4, 2), UTC),
        fetched_count=54, failed_count=1, request_count=220,
    )  # fmt: skip
    return {"api": API_TOKEN, "share": SHARE_TOKEN, "fleet": LONG_SHARE_TOKEN, "ids": ids}


def _grow(repository: Any, now: datetime) -> None:
    """Everything that is stored beside the days."""
    from repos.models import DownloadDay, RepositoryFacts, TrafficWeek  # noqa: PLC0415

    days = [TODAY - timedelta(days=ago) for ago in range(95, -1, -1)]
    RepositoryFacts.objects.bulk_create(
        RepositoryFacts(
            repository=repository, date=day, stars=12_000 + 7 * n, forks=310 + n // 3,
            watchers=96 + n // 9, open_issues=40 - n // 5,
        )
        for n, day in enumerate(days)
    )  # fmt: skip
    DownloadDay.objects.bulk_create(
        DownloadDay(repository=repository, date=day, downloads=n * 13 % 90)
        for n, day in enumerate(days)
    )
    TrafficWeek.objects.bulk_create(
        TrafficWeek(
            repository=repository, week=day, views=2000, unique_visitors=700, clones=90,
            unique_cloners=40,
        )
        for day in days
        if day.weekday() == 0
    )  # fmt: skip
    for n, ago in enumerate((80, 40, 39, 2)):
        repository.releases.create(
            github_id=n, tag=f"v{n}.0.0-release-with-a-rather-long-tag",
            published_at=now - timedelta(days=ago), downloads=100 * n,
        )  # fmt: skip
    repository.notes.create(
        date=TODAY - timedelta(days=10), text="<b>Somebody</b> wrote about it", created_at=now
    )


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    json.dump(fill(), sys.stdout)
