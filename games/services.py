"""Every write to the catalogue but the import's."""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core.exceptions import Conflict
from core.models import full_clean_and_save
from games.models import Game, Genre


class GenreInUse(Conflict):
    code = "genre_in_use"
    message = "There are games of this genre; delete them or give them another genre first."


class GameInUse(Conflict):
    code = "game_in_use"
    message = "This game has been played; a game with plays cannot be deleted."


def create_genre(*, name: str) -> Genre:
    """Raises ValidationError when the name is taken, whatever the case."""
    genre = Genre()
    genre.rename(name)
    full_clean_and_save(genre)
    return genre


def update_genre(genre: Genre, *, name: str | None = None) -> Genre:
    """Change what is not None. Raises ValidationError when the name is taken."""
    if name is not None:
        genre.rename(name)
    full_clean_and_save(genre)
    return genre


def delete_genre(genre: Genre) -> None:
    """Raises GenreInUse when games have it."""
    try:
        with transaction.atomic():
            genre.delete()
    except (ProtectedError, IntegrityError) as error:
        raise GenreInUse from error


def create_game(*, name: str, genre: Genre) -> Game:
    """Raises ValidationError when the name is taken, whatever the case."""
    game = Game(genre=genre)
    game.rename(name)
    full_clean_and_save(game)
    return game


def update_game(game: Game, *, name: str | None = None, genre: Genre | None = None) -> Game:
    """Change what is not None. Raises ValidationError when the name is taken."""
    if name is not None:
        game.rename(name)
    if genre is not None:
        game.genre = genre
    full_clean_and_save(game, update_fields=["name", "name_folded", "search_text", "genre"])
    return game


def delete_game(game: Game) -> None:
    """Raises GameInUse when it was ever played: its figures would go with it."""
    try:
        with transaction.atomic():
            # Locked where the database can lock a row, so that no play slips in between.
            locked = Game.objects.select_for_update().filter(pk=game.pk).first()
            if locked is not None and locked.play_count:
                raise GameInUse
            game.delete()
    except (ProtectedError, IntegrityError) as error:
        raise GameInUse from error
