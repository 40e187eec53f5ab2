"""Every read of the catalogue. Rows come as values, not as models: the lists are read far more
often than anything else, and building models took most of their time."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache
from typing import Any, TypedDict, cast

from django.db.models import Q, QuerySet, Sum

from core.dates import DateRange
from core.db.date_ranges import within_range
from core.db.fields import MAX_ID
from core.db.prepared_query import PreparedLookup, PreparedQuery
from core.text import search_words
from games.models import DailyPlays, Game, Genre


class GenreRow(TypedDict):
    id: int
    name: str


class GameRow(TypedDict):
    id: int
    name: str
    genre__id: int
    genre__name: str
    released: int | None
    play_count: int


class TrendingRow(TypedDict):
    game_id: int
    plays: int


class DayRow(TypedDict):
    date: date
    plays: int


def genres() -> QuerySet[Genre, GenreRow]:
    return Genre.objects.values("id", "name")


def games() -> QuerySet[Game, GameRow]:
    return _games().all()


@cache
def _games() -> QuerySet[Game, GameRow]:
    """Never asked, only copied: naming the columns takes longer than finding a row."""
    rows: QuerySet[Game, Any] = Game.objects.values(*GameRow.__annotations__)
    return rows


def find_game(pk: int) -> GameRow | None:
    if pk > MAX_ID:
        return None
    rows = _game_by_id.rows(pk)
    return cast("GameRow", rows[0]) if rows else None


def game_fingerprint(pk: int) -> object:
    """Equal to an earlier one only if `find_game` returns the same."""
    return _game_by_id.rows_as_committed(min(pk, MAX_ID))


_game_by_id = PreparedQuery(lambda: _games().filter(pk=0))


def games_matching(*, genre: int | None = None, search: str = "") -> QuerySet[Game, Any]:
    """Games of one genre whose name has every word of `search`, as `core.text` compares."""
    conditions = Q()
    if genre is not None:
        conditions &= Q(genre_id=genre)
    for word in search_words(search):
        conditions &= Q(name_key__contains=word)
    return games().filter(conditions)


def games_by_id(ids: Collection[int]) -> dict[int, GameRow]:
    """Those that exist; in one query for a page of the usual size."""
    return {row["id"]: cast("GameRow", row) for row in _games_by_ids.rows(ids)}


_games_by_ids = PreparedLookup(lambda ids: _games().filter(pk__in=ids))


def trending(*, days: int, today: date) -> list[TrendingRow]:
    """Games by plays on `today` and the `days` - 1 days (UTC) before it, most plays first; those
    without a play are left out."""
    first = today - timedelta(days=days - 1)
    rows = (
        DailyPlays.objects.filter(date__range=(first, today))
        .values_list("game_id")
        .annotate(total=Sum("plays"))
        .order_by("-total", "-game_id")
    )
    return [{"game_id": game_id, "plays": plays} for game_id, plays in rows]


def daily_plays(*, game_id: int, within: DateRange) -> QuerySet[DailyPlays, DayRow]:
    """Days (UTC) with plays, oldest first."""
    days = within_range(DailyPlays.objects.filter(game_id=game_id), "date", within)
    return days.order_by("date").values("date", "plays")
