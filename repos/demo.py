"""A history to look at on the first run: made up, and labelled so wherever it is shown."""

import math
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from repos.demo_growth import store_growth
from repos.models import TrackedRepository, TrafficDay
from repos.traffic.history import import_history
from repos.traffic.merging import ONE_DAY, DayFigures, is_settled
from users.models import User

OWNER = "foyer-demo"
_DAYS = 730
# Days before the newest: the server was switched off for three weeks.
_GAP = range(310, 331)
_WINDOW_DAYS = 14


@dataclass(frozen=True, slots=True)
class _Demo:
    name: str
    views_per_day: float
    # Growth of the daily views over the two years, as a factor.
    growth: float
    clones_per_view: float
    # Days before the newest on which a release brought a crowd, and how large it was.
    releases: tuple[tuple[int, float], ...]
    referrers: tuple[str, ...]


_DEMOS = (
    _Demo(
        name="weather-station",
        views_per_day=60,
        growth=3.5,
        clones_per_view=0.12,
        releases=((540, 6), (212, 11), (48, 5)),
        referrers=(
            "Google",
            "github.com",
            "news.ycombinator.com",
            "DuckDuckGo",
            "lobste.rs",
            "Bing",
            "old.reddit.com",
            "t.co",
            "chatgpt.com",
            "hackaday.com",
            "raspberrypi.org",
            "stackoverflow.com",
        ),
    ),
    _Demo(
        name="tiny-parser",
        views_per_day=9,
        growth=1.6,
        clones_per_view=0.9,
        releases=((120, 4),),
        referrers=("pypi.org", "Google", "github.com"),
    ),
)


@transaction.atomic
def create_demo_traffic(*, user: User, now: datetime) -> list[TrackedRepository]:
    """Two repositories of `user` with two years of believable days; nothing when they exist."""
    if TrackedRepository.objects.filter(user=user, is_demo=True).exists():
        return []
    return [_create(demo, user, now) for demo in _DEMOS]


def _create(demo: _Demo, user: User, now: datetime) -> TrackedRepository:
    today = now.date()
    # The same history on every first run.
    chance = random.Random(demo.name)  # noqa: S311  # no secret
    repository = TrackedRepository.objects.create(
        user=user,
        owner=OWNER,
        name=demo.name,
        key=f"{OWNER}/{demo.name}",
        created_at=now - timedelta(days=_DAYS),
        last_fetched_at=now,
        is_demo=True,
    )
    history = {
        today - n * ONE_DAY: _day(demo, n, chance, now) for n in range(_DAYS) if n not in _GAP
    }
    import_history(repository=repository, history=history, now=now)
    _store_today(repository, history, today)
    store_growth(
        repository,
        history,
        release_days=[today - days * ONE_DAY for days, _ in demo.releases],
        referrers=demo.referrers,
        now=now,
    )
    return repository


def _day(demo: _Demo, days_ago: int, chance: random.Random, now: datetime) -> DayFigures:
    day = now.date() - days_ago * ONE_DAY
    age = 1 - days_ago / _DAYS
    weekend = 0.45 if day.weekday() >= 5 else 1
    # A release fades over about a week.
    crowd = sum(
        size * math.exp(-(at - days_ago) / 3) for at, size in demo.releases if days_ago <= at
    )
    expected = demo.views_per_day * (1 + (demo.growth - 1) * age) * weekend * (1 + crowd)
    views = max(0, round(chance.gauss(expected, expected**0.5 * 1.5)))
    clones = max(0, round(views * demo.clones_per_view * chance.uniform(0.6, 1.4)))
    if days_ago == 0:
        share = (now.hour + 1) / 24
        views, clones = round(views * share), round(clones * share)
    return DayFigures(
        views=views,
        unique_visitors=round(views * chance.uniform(0.28, 0.42)),
        clones=clones,
        unique_cloners=round(clones * chance.uniform(0.5, 0.8)),
        complete=is_settled(day, at=now),
    )


def _store_today(
    repository: TrackedRepository, history: dict[date, DayFigures], today: date
) -> None:
    """What GitHub would say of the last 14 days as a whole."""
    window = [history[today - n * ONE_DAY] for n in range(_WINDOW_DAYS)]
    views = sum(day.views or 0 for day in window)
    # People come back: over two weeks they are fewer than the sum of the days.
    visitors = round(sum(day.unique_visitors or 0 for day in window) * 0.7)
    TrafficDay.objects.filter(repository=repository, date=today).update(
        window_views=views,
        window_unique_visitors=visitors,
        window_clones=sum(day.clones or 0 for day in window),
        window_unique_cloners=round(sum(day.unique_cloners or 0 for day in window) * 0.8),
    )
