"""The tables of games."""

from games.models.catalogue import Game, Genre
from games.models.plays import DailyPlays, PlayedGame
from games.models.recommendations import RecommendedGames, SimilarGames

__all__ = ["DailyPlays", "Game", "Genre", "PlayedGame", "RecommendedGames", "SimilarGames"]
