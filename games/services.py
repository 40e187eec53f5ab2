"""Every write to the catalogue but the import's."""

from typing import TypedDict, TypeVar, Unpack

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.exceptions import Conflict, NotFound
from core.models import full_clean_and_save
from games.models import Game, Genre

_Record = TypeVar("_Record", Game, Genre)


class GameChanges(TypedDict, total=False):
    """`released`: None takes the year away."""

    name: str
    genre: Genre
    released: int | None


class GenreInUse(Conflict):
    code = "genre_in_use"
    message = "There are games of this genre; delete them or give them another genre first."


class GameInUse(Conflict):
    code = "game_in_use"
    message = "This game has been played; a game with plays cannot be deleted."


def create_genre(*, name: str) -> Genre:
    """Raises ValidationError when the name is taken, however it is spelled (core.text)."""
    genre = Genre(name=name)
    full_clean_and_save(genre)
    return genre


def update_genre(genre: Genre, *, name: str | None = None) -> None:
    """Change what is not None. Raises ValidationError when the name is taken, and NotFound when
    somebody else just deleted the genre."""
    with transaction.atomic():
        current = _locked(genre)
        if name is not None:
            current.name = name
        full_clean_and_save(current)


def delete_genre(genre: Genre) -> None:
    """Raises GenreInUse when games have it, and NotFound when somebody else just deleted it."""
    try:
        with transaction.atomic():
            _, deleted = Genre.objects.filter(pk=genre.pk).delete()
    except (ProtectedError, IntegrityError) as error:
        raise GenreInUse from error
    if not deleted.get(Genre._meta.label):
        raise NotFound


def create_game(*, name: str, genre: Genre, released: int | None = None) -> Game:
    """Raises ValidationError when name and year are taken, however the name is spelled."""
    game = Game(name=name, genre=genre, released=released)
    full_clean_and_save(game)
    return game


def update_game(game: Game, **changes: Unpack[GameChanges]) -> None:
    """Change what is given. Raises ValidationError when name and year are taken, and NotFound when
    somebody else just deleted the game."""
    with transaction.atomic():
        # Read anew: what somebody else has just changed stays, unless it is changed here too.
        current = _locked(game)
        if genre := changes.get("genre"):
            # Deleted before, it is named as the mistake; after, it has a game.
            Genre.objects.select_for_update().filter(pk=genre.pk).first()
        for field, value in changes.items():
            setattr(current, field, value)
        # Not `play_count`, which belongs to the plays.
        full_clean_and_save(current, update_fields=["name", "genre", "released"])


def delete_game(game: Game) -> None:
    """Raises GameInUse when it was ever played: its figures would go with it. Raises NotFound when
    somebody else just deleted it."""
    try:
        with transaction.atomic():
            if _locked(game).play_count:
                raise GameInUse
            game.delete()
    except (ProtectedError, IntegrityError) as error:
        raise GameInUse from error


def _locked(record: _Record) -> _Record:
    """The row as it is now, locked where the database can lock a row, so that no play slips in."""
    current = type(record)._default_manager.select_for_update().filter(pk=record.pk).first()
    if current is None:
        raise NotFound
    return current
