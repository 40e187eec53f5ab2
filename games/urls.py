from django.urls import path
from rest_framework.routers import SimpleRouter

from games.recommendations.views import RecommendedGamesViewSet
from games.views import GameViewSet, GenreViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("genres", GenreViewSet, basename="genre")
router.register("games", GameViewSet, basename="game")
urlpatterns = [
    *router.urls,
    path(
        "games/recommended",
        RecommendedGamesViewSet.as_view({"get": "list"}),
        name="recommended-games",
    ),
]
