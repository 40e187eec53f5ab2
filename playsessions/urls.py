from rest_framework.routers import SimpleRouter

from playsessions.views import PlaySessionViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("playsessions", PlaySessionViewSet, basename="playsession")
urlpatterns = router.urls
