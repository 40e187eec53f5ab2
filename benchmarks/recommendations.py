"""How well games are recommended: `python -m benchmarks.recommendations [--data FILE]`.

Hides a fifth of the games that each person played and asks each method for ten. Recall: the share
of what was hidden (at most ten) that the ten contain; coverage: the share of the catalogue that is
recommended to anybody; precision of `similar`: the share of the ten most similar games that serve a
taste of the game. `pip install implicit` puts its BM25 and matrix factorization beside ours.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import worlds
from benchmarks.worlds import Plays, World
from games.recommendations.neighbours import neighbours, suggestions

try:
    import numpy
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender
    from scipy.sparse import csr_matrix
except ImportError:
    csr_matrix = None

TOP = 10
Lists = list[list[int]]
Method = Callable[[Sequence[Plays], int], Lists]


def at_random(shown: Sequence[Plays], game_count: int) -> Lists:
    chance = random.Random(3)
    return [
        chance.sample([game for game in range(game_count) if game not in plays], TOP)
        for plays in shown
    ]


def by_popularity(shown: Sequence[Plays], game_count: int) -> Lists:
    players = Counter(game for plays in shown for game in plays)
    ranked = sorted(range(game_count), key=players.__getitem__, reverse=True)
    return [[game for game in ranked if game not in plays][:TOP] for plays in shown]


def by_foyer(shown: Sequence[Plays], game_count: int) -> Lists:
    found = neighbours(list(plays) for plays in shown)
    return [
        [suggestion.game for suggestion in suggestions(list(plays), found, limit=TOP)]
        for plays in shown
    ]


def by_implicit(make: Callable[[], Any]) -> Method:
    def method(shown: Sequence[Plays], game_count: int) -> Lists:
        rows = [person for person, plays in enumerate(shown) for _ in plays]
        columns = [game for plays in shown for game in plays]
        played = csr_matrix(
            (numpy.ones(len(rows), dtype=numpy.float32), (rows, columns)), (len(shown), game_count)
        )
        model = make()
        model.fit(played, show_progress=False)
        ids, _ = model.recommend(numpy.arange(len(shown)), played, N=TOP)
        return [list(map(int, row)) for row in ids]

    return method


def methods() -> dict[str, Method]:
    ours: dict[str, Method] = {
        "random": at_random,
        "popularity": by_popularity,
        "Foyer": by_foyer,
    }
    if csr_matrix is None:
        return ours
    theirs = {
        f"implicit BM25, K={count}": by_implicit(partial(BM25Recommender, K=count))
        for count in (20, 50, 100)
    }
    for factors, regularization in ((100, 0.01), (64, 0.05), (32, 0.05), (24, 0.05)):
        model = partial(AlternatingLeastSquares, factors=factors, regularization=regularization)
        theirs[f"implicit ALS, {factors} factors"] = by_implicit(partial(model, random_state=4))
    return ours | theirs


def recall(lists: Lists, held_out: Sequence[set[int]]) -> float:
    shares = [
        len(hidden.intersection(found[:TOP])) / min(TOP, len(hidden))
        for found, hidden in zip(lists, held_out, strict=True)
        if hidden
    ]
    return sum(shares) / len(shares)


def coverage(lists: Lists, game_count: int) -> float:
    return len({game for found in lists for game in found}) / game_count


def similar_precision(world: World, shown: Sequence[Plays]) -> float:
    found = neighbours(list(plays) for plays in shown)
    pairs = [(game, other) for game, near in found.items() for other, _ in near[:TOP]]
    return sum(bool(world.taste_of[a] & world.taste_of[b]) for a, b in pairs) / len(pairs)


def report(title: str, world: World) -> None:
    shown, held_out = worlds.split(world)
    print(f"{title}: {len(world.people):,} people, {world.game_count:,} games", end="")
    print(f", {world.play_count:,} plays")
    print(f"{'method':26} {'recall@10':>9} {'coverage':>9} {'seconds':>8}")
    for name, method in methods().items():
        begun = time.process_time()
        lists = method(shown, world.game_count)
        seconds = time.process_time() - begun
        figures = f"{recall(lists, held_out):9.3f} {coverage(lists, world.game_count):9.3f}"
        print(f"{name:26} {figures} {seconds:8.1f}", flush=True)
    if any(world.taste_of):
        print(f"similar games that share a taste: {similar_precision(world, shown):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommendations")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--games", type=int, default=1_000)
    parser.add_argument("--data", type=Path, help="interactions of a data set, tab-separated")
    options = parser.parse_args()
    report(
        "A world with known tastes", worlds.generated(people=options.people, games=options.games)
    )
    if options.data:
        report(options.data.name, worlds.read(options.data))


if __name__ == "__main__":
    main()
