"""Storing what an import file holds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from core.text import casefold_nfkc
from games.catalogue.parser import Entry
from games.models import Game, Genre

BATCH_SIZE = 500

# Told how many games more are stored.
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
    """Add unknown games and genres; give known games, found by name whatever the case, the name
    and genre of the file. All or nothing, and the same file twice changes nothing."""
    summary = Summary()
    genres = _genres_by_name(entries, summary)
    for start in range(0, len(entries), BATCH_SIZE):
        batch = entries[start : start + BATCH_SIZE]
        known = {
            game.name_folded: game
            for game in Game.objects.filter(
                name_folded__in=[casefold_nfkc(entry.name) for entry in batch]
            )
        }
        created = list(_unknown_games(batch, known, genres))
        updated = list(_changed_games(batch, known, genres))
        Game.objects.bulk_create(created)
        # Not `play_count`: it may have grown since it was read.
        Game.objects.bulk_update(updated, ["name", "name_folded", "search_text", "genre"])
        summary.created += len(created)
        summary.updated += len(updated)
        summary.unchanged += len(batch) - len(created) - len(updated)
        progress(len(batch))
    return summary


def _genres_by_name(entries: list[Entry], summary: Summary) -> dict[str, Genre]:
    genres = {genre.name_folded: genre for genre in Genre.objects.all()}
    for entry in entries:
        if casefold_nfkc(entry.genre) not in genres:
            genre = Genre()
            genre.rename(entry.genre)
            genre.save()
            genres[genre.name_folded] = genre
            summary.genres_created += 1
    return genres


def _unknown_games(
    batch: Iterable[Entry], known: dict[str, Game], genres: dict[str, Genre]
) -> Iterator[Game]:
    for entry in batch:
        if casefold_nfkc(entry.name) not in known:
            game = Game(genre=genres[casefold_nfkc(entry.genre)])
            game.rename(entry.name)
            yield game


def _changed_games(
    batch: Iterable[Entry], known: dict[str, Game], genres: dict[str, Genre]
) -> Iterator[Game]:
    for entry in batch:
        game = known.get(casefold_nfkc(entry.name))
        genre = genres[casefold_nfkc(entry.genre)]
        if game is not None and (game.name, game.genre_id) != (entry.name, genre.pk):
            game.rename(entry.name)
            game.genre = genre
            yield game
