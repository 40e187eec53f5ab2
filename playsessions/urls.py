"""URLs of plays."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from playsessions.last_played_views import LastPlayedViewSet
from playsessions.my_games_views import MyGamesViewSet
from playsessions.views import PlaySessionViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("playsessions", PlaySessionViewSet, basename="playsession")
urlpatterns = [
    *router.urls,
    path("users/lastplayed", LastPlayedViewSet.as_view({"get": "list"}), name="last-played"),
    path("users/me/games", MyGamesViewSet.as_view({"get": "list"}), name="my-games"),
]
