"""Which games the same people play, and what that suggests."""

import random

from benchmarks import worlds
from benchmarks.recommendations import by_foyer, by_popularity, coverage, recall, similar_precision
from games.recommendations import neighbours as module
from games.recommendations.neighbours import Suggestion, neighbours, suggestions

CHESS, GO, DOOM, QUAKE, TETRIS = 10, 20, 30, 40, 50
HISTORIES = [[CHESS, GO], [CHESS, GO], [GO, CHESS, TETRIS], [DOOM, QUAKE], [QUAKE, DOOM, TETRIS]]


def test_games_that_the_same_people_play_are_neighbours_nearest_first() -> None:
    found = neighbours(HISTORIES)

    assert [game for game, _ in found[CHESS]] == [GO, TETRIS]
    assert [game for game, _ in found[DOOM]] == [QUAKE, TETRIS]
    assert {game for game, _ in found[TETRIS]} == {CHESS, GO, DOOM, QUAKE}


def test_a_game_is_no_neighbour_of_itself() -> None:
    assert all(game not in dict(near) for game, near in neighbours(HISTORIES).items())


def test_a_game_that_is_played_alone_has_no_neighbours() -> None:
    assert neighbours([[CHESS], [GO, DOOM]])[CHESS] == []
    assert neighbours([[], []]) == {}


def test_who_plays_few_games_says_more_about_them() -> None:
    everything = list(range(100, 118))
    found = neighbours([[CHESS, GO], [CHESS, DOOM, *everything]])

    nearness = dict(found[CHESS])
    assert nearness[GO] > nearness[DOOM] * 5


def test_the_result_does_not_depend_on_the_order_of_the_people() -> None:
    shuffled = HISTORIES.copy()
    random.Random(1).shuffle(shuffled)

    for game, near in neighbours(HISTORIES).items():
        again = dict(neighbours(shuffled)[game])
        assert {other: round(value, 9) for other, value in near} == {
            other: round(value, 9) for other, value in again.items()
        }


def test_each_game_suggests_a_bounded_number() -> None:
    histories = [[CHESS, other] for other in range(1000, 1300)]

    assert len(neighbours(histories)[CHESS]) == module.SUGGESTED


def test_suggestions_name_the_game_that_speaks_most_for_them() -> None:
    found = neighbours(HISTORIES)

    assert suggestions([CHESS], found, limit=10) == [
        Suggestion(GO, because=CHESS),
        Suggestion(TETRIS, because=CHESS),
    ]
    assert suggestions([DOOM, CHESS], found, limit=1)[0] in (
        Suggestion(GO, because=CHESS),
        Suggestion(QUAKE, because=DOOM),
    )


def test_suggestions_leave_out_all_that_was_played_however_long_ago() -> None:
    long_ago = [*range(5000, 5000 + module.HISTORY_LENGTH), GO]

    found = suggestions([CHESS, *long_ago], neighbours(HISTORIES), limit=10)

    assert [each.game for each in found] == [TETRIS]


def test_an_empty_or_unknown_history_suggests_nothing() -> None:
    assert suggestions([], neighbours(HISTORIES), limit=10) == []
    assert suggestions([4711], neighbours(HISTORIES), limit=10) == []


def test_known_tastes_are_found_far_better_than_by_popularity() -> None:
    world = worlds.generated(people=800, games=200, tastes=10)
    shown, held_out = worlds.split(world)

    ours, popular = (method(shown, 200) for method in (by_foyer, by_popularity))

    assert recall(ours, held_out) >= 2 * recall(popular, held_out)
    assert coverage(ours, 200) >= 0.5
    assert similar_precision(world, shown) >= 0.8
