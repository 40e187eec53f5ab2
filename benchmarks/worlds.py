"""Who played what: a made-up world whose tastes are known, and a file of real interactions."""

import csv
import math
import random
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

# Game → plays, of one person, in the order of the first plays.
Plays = dict[int, int]


class World(NamedTuple):
    """`taste_of[game]`: the tastes that a game serves; empty where nobody knows."""

    people: list[Plays]
    game_count: int
    taste_of: list[frozenset[int]]

    @property
    def play_count(self) -> int:
        return sum(sum(plays.values()) for plays in self.people)


def generated(
    *, people: int, games: int, plays_each: int = 100, tastes: int = 25, seed: int = 1
) -> World:
    """Each game serves one or two tastes, each person has one to four of them and is faithful to
    them in 85 % of the plays; half of the plays repeat an earlier one. The number of plays is
    log-normal around `plays_each`; some games are far more popular than others."""
    chance = random.Random(seed)
    popularity = [1 / (1 + chance.randrange(games)) ** 0.6 for _ in range(games)]
    taste_of = [
        frozenset(chance.sample(range(tastes), 1 if chance.random() < 0.7 else 2))
        for _ in range(games)
    ]
    shelves = [[g for g in range(games) if taste in taste_of[g]] for taste in range(tastes)]
    shelf_weights = [list(accumulate(popularity[g] for g in shelf)) for shelf in shelves]
    anything = list(accumulate(popularity))

    def next_game(known: list[int], own: list[int], likings: list[float]) -> int:
        if known and chance.random() < 0.5:
            return chance.choice(known)
        if chance.random() < 0.15:
            return chance.choices(range(games), cum_weights=anything)[0]
        [taste] = chance.choices(own, likings)
        return chance.choices(shelves[taste], cum_weights=shelf_weights[taste])[0]

    everybody = []
    for _ in range(people):
        own = chance.sample(range(tastes), chance.choice((1, 2, 2, 3, 3, 4)))
        likings = [0.2 + chance.random() for _ in own]
        plays: Plays = {}
        for _ in range(max(3, int(chance.lognormvariate(math.log(plays_each) - 0.5, 1)))):
            game = next_game(list(plays), own, likings)
            plays[game] = plays.get(game, 0) + 1
        everybody.append(plays)
    return World(everybody, games, taste_of)


def read(path: Path) -> World:
    """Interactions, one a line after a header: person, thing, and whatever else, parted by tabs (as
    in the atomic files of RecBole, whose package brings MovieLens 100k)."""
    people: dict[str, Plays] = {}
    number_of: dict[str, int] = {}
    with path.open(newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        next(rows)
        for person, thing, *_ in rows:
            people.setdefault(person, {})[number_of.setdefault(thing, len(number_of))] = 1
    return World(list(people.values()), len(number_of), [frozenset()] * len(number_of))


def split(
    world: World, *, hidden: float = 0.2, seed: int = 2
) -> tuple[list[Plays], list[set[int]]]:
    """What is shown to a method, and the games that it is to find, for each person."""
    chance = random.Random(seed)
    shown, held_out = [], []
    for plays in world.people:
        games = list(plays)
        chance.shuffle(games)
        count = int(len(games) * hidden)
        held_out.append(set(games[:count]))
        shown.append({game: plays[game] for game in games[count:]})
    return shown, held_out
