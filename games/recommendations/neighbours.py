"""Which games the same people play, and what that suggests to one person. Touches no database.

Item-item collaborative filtering. Two games are near when the same people play both; somebody who
plays few games says more about those than somebody who plays everything, so each person has one
vote, divided by the number of games that they played. The nearness of a played game `i` to a
candidate `j` is

    votes(i and j) / (votes(i) ** 0.8 * votes(j) ** 0.2)

where `votes` sums over the people who played it. The exponents say how much a popular game is
discounted on each side (as in Aiolli, "Efficient top-N recommendation for very large scale binary
rated datasets", 2013). How it compares: docs/recommendations.md, `benchmarks/recommendations.py`.
"""

import heapq
from array import array
from collections.abc import Callable, Iterable, Mapping, MutableSequence, Sequence
from itertools import compress
from typing import NamedTuple

# Each candidate counts the played games that are nearest to it, a fifth of the catalogue within
# these bounds: the rest is noise.
NEAREST_PLAYED = (20, 100)
# Each played game suggests at most so many candidates.
SUGGESTED = 50
# So many of the games that somebody played last are looked at: a list takes constant time.
HISTORY_LENGTH = 100
# Of people who played more, only the newest: without a bound the work grows with the square.
COUNTED_GAMES = 500

_PLAYED_EXPONENT, _CANDIDATE_EXPONENT = 0.8, 0.2

# Of one played game: each candidate with its nearness, nearest first.
Neighbours = Sequence[tuple[int, float]]


class Suggestion(NamedTuple):
    """`because`: the played game that is the main reason."""

    game: int
    because: int


def neighbours(
    histories: Iterable[Sequence[int]], *, progress: Callable[[], object] = lambda: None
) -> dict[int, Neighbours]:
    """The neighbours of each game, by the game's id. A history holds the ids of the games that one
    person played, each once, newest first. `progress` is called for each game that is done."""
    ids, played = _numbered(history[:COUNTED_GAMES] for history in histories)
    players = _players(played, len(ids))
    weights = [1 / len(games) for games in played]
    votes = [sum(weights[person] for person in people) for people in players]
    discount = [vote**-_PLAYED_EXPONENT for vote in votes]
    suggested: list[list[tuple[float, int]]] = [[] for _ in ids]
    fewest, most = NEAREST_PLAYED
    nearest_count = max(fewest, min(most, len(ids) // 5))
    for candidate, people in enumerate(players):
        together = _votes_together(people, played, weights, len(ids))
        together[candidate] = 0.0
        nearest = heapq.nlargest(
            nearest_count,
            (
                (together[game] * discount[game], game)
                for game in compress(range(len(ids)), together)
            ),
        )
        factor = votes[candidate] ** -_CANDIDATE_EXPONENT
        for nearness, game in nearest:
            _keep_largest(suggested[game], (nearness * factor, candidate))
        progress()
    return {
        ids[game]: [
            (ids[candidate], nearness) for nearness, candidate in sorted(found, reverse=True)
        ]
        for game, found in enumerate(suggested)
    }


def suggestions(
    history: Sequence[int], neighbours_of: Mapping[int, Neighbours], *, limit: int
) -> list[Suggestion]:
    """At most `limit` games for somebody who played `history` (newest first), best first; never a
    game of the history."""
    scores: dict[int, float] = {}
    strongest: dict[int, float] = {}
    because: dict[int, int] = {}
    for played in history[:HISTORY_LENGTH]:
        for game, nearness in neighbours_of.get(played, ()):
            scores[game] = scores.get(game, 0.0) + nearness
            if nearness > strongest.get(game, 0.0):
                strongest[game] = nearness
                because[game] = played
    for played in history:
        scores.pop(played, None)
    best = sorted(scores, key=scores.__getitem__, reverse=True)[:limit]
    return [Suggestion(game, because[game]) for game in best]


def _numbered(histories: Iterable[Sequence[int]]) -> tuple[list[int], list[MutableSequence[int]]]:
    """The ids, and the histories with positions in that list in their place."""
    position_of: dict[int, int] = {}
    # Arrays: a list would hold an object for each number.
    played: list[MutableSequence[int]] = [
        array(
            "L",
            [position_of.setdefault(game, len(position_of)) for game in history[:COUNTED_GAMES]],
        )
        for history in histories
        if history
    ]
    return list(position_of), played


def _players(played: Sequence[Sequence[int]], game_count: int) -> list[MutableSequence[int]]:
    players: list[MutableSequence[int]] = [array("L") for _ in range(game_count)]
    for person, games in enumerate(played):
        for game in games:
            players[game].append(person)
    return players


def _votes_together(
    people: Iterable[int],
    played: Sequence[Sequence[int]],
    weights: Sequence[float],
    game_count: int,
) -> list[float]:
    """For each game the votes of those of `people` who played it."""
    together = [0.0] * game_count
    for person in people:
        weight = weights[person]
        for game in played[person]:
            together[game] += weight
    return together


def _keep_largest(heap: list[tuple[float, int]], item: tuple[float, int]) -> None:
    if len(heap) < SUGGESTED:
        heapq.heappush(heap, item)
    else:
        heapq.heappushpop(heap, item)
