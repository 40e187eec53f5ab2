"""Storing what an import file holds."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction

from core.text import comparison_key
from games.catalogue.parser import Entry, InvalidCatalogue, Problem
from games.models import Game, Genre

BATCH_SIZE = 500

# Called with how many more games are stored.
Progress = Callable[[int], object]


@dataclass
class Summary:
    """Games, but for `genres_created`."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    genres_created: int = 0


@transaction.atomic
def import_catalogue(entries: list[Entry], *, progress: Progress) -> Summary:
    """Add unknown games and genres; give known games, found by name however it is spelled, the
    name, genre and year of the file. All or nothing, and the same file twice changes nothing.

    Raises InvalidCatalogue for a name without a year that several games have.
    """
    summary = Summary()
    genres = _genres_by_key(entries, summary)
    for start in range(0, len(entries), BATCH_SIZE):
        batch = entries[start : start + BATCH_SIZE]
        created, updated = _created_and_updated(batch, _known_games(batch), genres)
        Game.objects.bulk_create(created)
        # Not `play_count`: it may have grown since it was read.
        Game.objects.bulk_update(updated, ["name", *Game.derived_fields, "genre", "released"])
        summary.created += len(created)
        summary.updated += len(updated)
        summary.unchanged += len(batch) - len(created) - len(updated)
        progress(len(batch))
    return summary


def _genres_by_key(entries: list[Entry], summary: Summary) -> dict[str, Genre]:
    genres = {genre.name_key: genre for genre in Genre.objects.all()}
    for entry in entries:
        if comparison_key(entry.genre) not in genres:
            genre = Genre(name=entry.genre)
            genre.save()
            genres[genre.name_key] = genre
            summary.genres_created += 1
    return genres


def _known_games(batch: Iterable[Entry]) -> dict[str, list[Game]]:
    """By key of the name; several of one name in the order of their years."""
    known = defaultdict(list)
    keys = [comparison_key(entry.name) for entry in batch]
    for game in Game.objects.filter(name_key__in=keys).order_by("released", "id"):
        known[game.name_key].append(game)
    return known


def _created_and_updated(
    batch: Iterable[Entry], known: dict[str, list[Game]], genres: dict[str, Genre]
) -> tuple[list[Game], list[Game]]:
    """The games to create, and those to change."""
    created, updated, problems = [], [], []
    for entry in batch:
        of_this_name = known.get(comparison_key(entry.name), [])
        if entry.released is None and len(of_this_name) > 1:
            problems.append(
                Problem(entry.line, f"Several games are called {entry.name!r}; give `released`.")
            )
            continue
        game = _known_game(entry, of_this_name)
        before = None if game is None else (game.name, game.genre_id, game.released)
        game = game or Game()
        game.name, game.genre = entry.name, genres[comparison_key(entry.genre)]
        if entry.released is not None:
            game.released = entry.released
        game.set_derived_fields()
        if before is None:
            created.append(game)
        elif before != (game.name, game.genre_id, game.released):
            updated.append(game)
    if problems:
        raise InvalidCatalogue(problems)
    return created, updated


def _known_game(entry: Entry, of_this_name: list[Game]) -> Game | None:
    """The game of the year; else the one whose year nobody knew, which gets it; without a year in
    the file, the only one of the name."""
    if entry.released is None:
        return of_this_name[0] if of_this_name else None
    by_year = {game.released: game for game in of_this_name}
    return by_year.get(entry.released) or by_year.get(None)
