"""Every read of the catalogue. Rows come as values, not as models: the lists are read far more
often than anything else, and building models took most of their time."""

from datetime import date
from functools import cache
from typing import Any, TypedDict, cast

from django.db.models import Q, QuerySet

from core.model_fields import MAX_ID
from core.prepared_query import PreparedQuery
from core.text import search_words
from games.models import DailyPlays, Game, Genre


class GenreRow(TypedDict):
    id: int
    name: str


class GameRow(TypedDict):
    id: int
    name: str
    genre_id: int
    genre__name: str
    released: int | None
    play_count: int
    # There for pages ordered by name.
    name_casefolded: str


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


_game_by_id = PreparedQuery(lambda: _games().filter(pk=0))


def games_matching(*, genre: int | None = None, search: str = "") -> QuerySet[Game, Any]:
    """Games of one genre whose name has every word of `search`, as `core.text` compares."""
    conditions = Q()
    if genre is not None:
        conditions &= Q(genre_id=genre)
    for word in search_words(search):
        conditions &= Q(name_key__contains=word)
    return games().filter(conditions)


def daily_plays(
    *, game_id: int, start: date | None = None, end: date | None = None
) -> QuerySet[DailyPlays, DayRow]:
    """Days (UTC) with plays from `start` to `end`, both included, oldest first."""
    days = DailyPlays.objects.filter(game_id=game_id)
    if start is not None:
        days = days.filter(date__gte=start)
    if end is not None:
        days = days.filter(date__lte=end)
    return days.order_by("date").values("date", "plays")
