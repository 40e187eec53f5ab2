"""Building recommendations every night, and refreshing one person's in between."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from django.db import IntegrityError, OperationalError, transaction

from core.models import nowait
from core.text import comparison_key
from games.models import Game, Genre, PlayedGame, RecommendedGames, SimilarGames
from games.recommendations import selectors
from games.recommendations.neighbours import (
    HISTORY_LENGTH,
    Neighbours,
    Suggestion,
    neighbours,
    suggestions,
)
from games.selectors import trending

LIST_LENGTH = 100
TRENDING_DAYS = 7
# Of the genres that somebody chose, games that nobody has played for days.
CHOSEN_GAMES = 50
_BATCH_SIZE = 500


class Summary(NamedTuple):
    games: int
    people: int


class Recommendation(NamedTuple):
    """`because`: the played game that is the main reason; None for a game that is trending."""

    game: int
    because: int | None


def build_recommendations(*, progress: Callable[[int], object]) -> Summary:
    """From everybody's plays, anew. `progress` is called with the number of games and people that
    are done since its last call; `work_count` counts them all.

    The similar games are replaced in one transaction, then each person's list in one statement. So
    whenever a build is killed, each list is whole, old or new; the next build finishes the work.
    Where nobody has played, everything stays as it is.
    """
    if not PlayedGame.objects.exists():
        return Summary(0, 0)
    histories = (history for _, history in selectors.histories())
    found = neighbours(histories, progress=lambda: progress(1))
    store_similar_games(found)
    return Summary(len(found), _recommend_to_everybody(found, progress))


def work_count() -> int:
    """How many games and people a build has to do with."""
    played = PlayedGame.objects.order_by()
    return sum(played.values(column).distinct().count() for column in ("game_id", "user_id"))


def store_similar_games(found: Mapping[int, Neighbours]) -> None:
    """In place of all that were stored."""
    rows = [
        # Four digits are enough, and half as long.
        SimilarGames(
            game_id=game, neighbours=[(near, float(f"{value:.4g}")) for near, value in each]
        )
        for game, each in found.items()
    ]
    with transaction.atomic():
        SimilarGames.objects.all().delete()
        SimilarGames.objects.bulk_create(rows, batch_size=_BATCH_SIZE)


def recommendations_for(
    *, user_id: int, data: Mapping[str, Any], today: date
) -> list[Recommendation]:
    """At most LIST_LENGTH games that they have not played, best first, filled up with games that
    are trending. People who have not played get these alone, those of the genres that they chose in
    their `data` first. Reads what was built; only a game that was played since makes it compute.
    """
    stored = selectors.stored_recommendations(user_id)
    if not stored.played_now:
        return _without_history(data, today)
    found = stored.suggestions
    if found is None:
        found = _refresh(user_id)
    listed = [Recommendation(*each) for each in found[:LIST_LENGTH]]
    if len(listed) == LIST_LENGTH:
        return listed
    left_out = {each.game for each in listed}.union(selectors.history_of(user_id))
    return (listed + _trending(left_out, today))[:LIST_LENGTH]


def _recommend_to_everybody(
    found: Mapping[int, Neighbours], progress: Callable[[int], object]
) -> int:
    people, last_user = 0, 0
    while batch := list(selectors.histories(after_user=last_user, users=_BATCH_SIZE)):
        rows = [
            _row(user_id, history, suggestions(history, found, limit=LIST_LENGTH))
            for user_id, history in batch
        ]
        try:
            _store(rows)
        except IntegrityError:
            # One of the accounts was deleted after its plays were read.
            for row in rows:
                with suppress(IntegrityError):
                    _store([row])
        people += len(batch)
        last_user = batch[-1][0]
        progress(len(batch))
    return people


def _refresh(user_id: int) -> list[Suggestion]:
    """One person's suggestions from their history as it is now, stored for the next time."""
    history = selectors.history_of(user_id)
    near = selectors.neighbours_of(history[:HISTORY_LENGTH])
    found = suggestions(history, near, limit=LIST_LENGTH)
    # Where the database is busy, or the account was just deleted, they are right without a copy.
    with suppress(OperationalError, IntegrityError), nowait():
        _store([_row(user_id, history, found)])
    return found


def _row(user_id: int, history: Sequence[int], found: Sequence[Suggestion]) -> RecommendedGames:
    return RecommendedGames(user_id=user_id, suggestions=found, played_count=len(history))


def _store(rows: Iterable[RecommendedGames]) -> None:
    with transaction.atomic():
        RecommendedGames.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["user"],
            update_fields=["suggestions", "played_count"],
        )


def _without_history(data: Mapping[str, Any], today: date) -> list[Recommendation]:
    listed = _trending(set(), today)[:LIST_LENGTH]
    if genres := _chosen_genres(data):
        games = Game.objects.filter(genre__in=genres).values_list("pk", flat=True)
        of_genres = set(games.filter(pk__in=[each.game for each in listed]))
        most_played = games.order_by("-play_count", "-id")[:CHOSEN_GAMES]
        chosen = [each for each in listed if each.game in of_genres]
        chosen += [Recommendation(game, None) for game in most_played]
        listed = list(dict.fromkeys(chosen + listed))
    return listed[:LIST_LENGTH]


def _chosen_genres(data: Mapping[str, Any]) -> list[int]:
    """Ids of the genres that `data` names in its field `genres`, by id or by name."""
    chosen = data.get("genres")
    values = chosen if isinstance(chosen, list) else [chosen]
    keys = {comparison_key(value) for value in values if isinstance(value, str)}
    numbers = {value for value in values if isinstance(value, int) and value is not True}
    if not keys and not numbers:
        return []
    genres = Genre.objects.values_list("pk", "name_key")
    return [pk for pk, name_key in genres if pk in numbers or name_key in keys]


def _trending(left_out: set[int], today: date) -> list[Recommendation]:
    rows = trending(days=TRENDING_DAYS, today=today)
    games = (row["game_id"] for row in rows)
    return [Recommendation(game, None) for game in games if game not in left_out]
