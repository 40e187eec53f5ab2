"""Similar games for the first run, until people have played: from made-up histories, which are not
stored."""

import math
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate

from games.models import Game
from games.recommendations.neighbours import neighbours
from games.recommendations.services import store_similar_games

_PEOPLE_EACH = 7
_GAMES_EACH = 12
# Years of release after which two games appeal to the same people a third as often.
_GENERATION = 10
# Games whose names begin alike are mostly of one series.
_SERIES_LETTERS = 6


def create_demo_similar_games() -> int:
    """How many games have similar ones now. People who like a game are made up to like others of
    its genre and time, above all those of its series."""
    games = list(Game.objects.order_by("pk"))
    # The same on every first run.
    chance = random.Random(len(games))  # noqa: S311  # no secret
    found = neighbours(history for game in games for history in _histories(game, games, chance))
    store_similar_games(found)
    return len(found)


def _histories(
    favourite: Game, games: Sequence[Game], chance: random.Random
) -> Iterator[Sequence[int]]:
    weights = list(accumulate(_appeal(favourite, game) for game in games))
    for _ in range(_PEOPLE_EACH):
        liked = chance.choices(games, cum_weights=weights, k=_GAMES_EACH)
        yield list(dict.fromkeys(game.pk for game in [favourite, *liked]))


def _appeal(favourite: Game, game: Game) -> float:
    years = abs((favourite.released or 2000) - (game.released or 2000))
    appeal = math.exp(-years / _GENERATION)
    if game.genre_id == favourite.genre_id:
        appeal *= 20
    one, other = (each.name_key.removeprefix("the") for each in (favourite, game))
    begins = min(one, other, key=len)[:_SERIES_LETTERS]
    if one.startswith(begins) and other.startswith(begins):
        appeal *= 60
    return appeal
