"""What the start page of the admin shows: how things are, without opening a list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Sum

from games.models import DailyPlays
from games.selectors import games_by_id, trending
from repos.models import FetchRun, TrackedRepository
from repos.selectors import LAST_FETCH_FAILED, OVERDUE_AFTER
from users.models import Session, User

PLAYS_SHOWN = timedelta(days=7)
TRENDING_SHOWN = 5


class TrendingGame(NamedTuple):
    name: str
    plays: int
    pk: int


@dataclass(frozen=True, slots=True)
class DashboardStats:
    """`last_run_is_overdue`: nothing ran for two days although there is something to fetch."""

    user_count: int
    new_user_count: int
    session_count: int
    plays_today: int
    plays_last_days: int
    trending: list[TrendingGame]
    repository_count: int
    failing_count: int
    last_run: FetchRun | None
    last_run_is_overdue: bool


def dashboard_stats(*, now: datetime) -> DashboardStats:
    today = now.date()
    plays = {
        row["date"]: row["total"]
        for row in DailyPlays.objects.filter(date__gt=today - PLAYS_SHOWN)
        .values("date")
        .annotate(total=Sum("plays"))
    }
    last_run = FetchRun.objects.order_by("-started_at", "-id").first()
    repository_count = TrackedRepository.objects.filter(is_demo=False).count()
    return DashboardStats(
        user_count=User.objects.count(),
        new_user_count=User.objects.filter(date_joined__gte=now - PLAYS_SHOWN).count(),
        session_count=Session.objects.filter(expires_at__gt=now).count(),
        plays_today=plays.get(today, 0),
        plays_last_days=sum(plays.values()),
        trending=_trending(today),
        repository_count=repository_count,
        failing_count=TrackedRepository.objects.filter(LAST_FETCH_FAILED).count(),
        last_run=last_run,
        last_run_is_overdue=repository_count > 0
        and (last_run is None or now - last_run.started_at > OVERDUE_AFTER),
    )


def _trending(today: date) -> list[TrendingGame]:
    rows = trending(days=PLAYS_SHOWN.days, today=today)[:TRENDING_SHOWN]
    games = games_by_id([row["game_id"] for row in rows])
    return [
        TrendingGame(games[row["game_id"]]["name"], row["plays"], row["game_id"])
        for row in rows
        if row["game_id"] in games
    ]
