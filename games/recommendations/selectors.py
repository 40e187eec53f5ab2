"""Reading what was built, and what it is built from."""

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from django.db import connection

from core.db.prepared_query import PreparedQuery
from games.models import PlayedGame, SimilarGames
from games.recommendations.neighbours import Neighbours, Suggestion


class StoredRecommendations(NamedTuple):
    """`played_now`: how many games the person has played up to now. `suggestions` is None before
    the first build, or where they are older than the newest game that was played."""

    played_now: int
    suggestions: list[Suggestion] | None


def stored_recommendations(user_id: int) -> StoredRecommendations:
    """As SQL: with the ORM, these steps into indexes take ten times as long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM games_playedgame WHERE user_id = %s),"
            " (SELECT suggestions FROM games_recommendedgames WHERE user_id = %s),"
            " (SELECT played_count FROM games_recommendedgames WHERE user_id = %s)",
            [user_id] * 3,
        )
        played_now, suggestions, played_count = cursor.fetchone()
    if suggestions is None or played_now != played_count:
        return StoredRecommendations(played_now, None)
    return StoredRecommendations(
        played_now, [Suggestion(*pair) for pair in orjson.loads(suggestions)]
    )


def similar_games(game_id: int) -> list[int]:
    """Ids of the games that the same people play, nearest first."""
    rows = _similar_games.rows(game_id)
    return [neighbour for neighbour, _ in rows[0]["neighbours"]] if rows else []


_similar_games = PreparedQuery(lambda: SimilarGames.objects.filter(pk=0).values("neighbours"))


def neighbours_of(game_ids: Collection[int]) -> dict[int, Neighbours]:
    rows = SimilarGames.objects.filter(pk__in=game_ids).values_list("pk", "neighbours")
    return dict(rows)


def history_of(user_id: int) -> list[int]:
    """Ids of the games that somebody has played, the latest first."""
    rows = PlayedGame.objects.filter(user=user_id).order_by("-last_played_at", "-id")
    return list(rows.values_list("game_id", flat=True))


def histories(*, after_user: int = 0, users: int | None = None) -> Iterator[tuple[int, list[int]]]:
    """The history of each person with the id, by id; of `users` people after `after_user`."""
    rows: Any = PlayedGame.objects.order_by("user_id", "last_played_at", "id")
    if users is not None:
        ids = PlayedGame.objects.filter(user__gt=after_user).order_by("user_id")
        last = list(ids.values_list("user_id", flat=True).distinct()[:users])
        rows = rows.filter(user__gt=after_user, user__lte=last[-1] if last else after_user)
    pairs = rows.values_list("user_id", "game_id").iterator(chunk_size=10_000)
    for user_id, played in groupby(pairs, key=itemgetter(0)):
        yield user_id, [game_id for _, game_id in played][::-1]
