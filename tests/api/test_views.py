import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.servers.basehttp import get_internal_wsgi_application
from django.test import RequestFactory

from api.views import ApiView
from tests.conftest import ApiAs
from tests.factories import GameFactory, PlaySessionFactory, StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)

Views = list["weakref.ref[ApiView]"]


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> Iterator[Views]:
    """All that were asked, while the garbage collector rests."""
    asked: Views = []
    initialize_request = ApiView.initialize_request

    def noting(self: ApiView, *args: Any, **kwargs: Any) -> Any:
        asked.append(weakref.ref(self))
        return initialize_request(self, *args, **kwargs)

    monkeypatch.setattr(ApiView, "initialize_request", noting)
    gc.disable()
    yield asked
    gc.enable()


@pytest.mark.parametrize(
    "path",
    [
        *("/games", "/games/{game}", "/genres", "/playsessions", "/users/lastplayed"),
        *("/users", "/users/me", "/organizations", "/auth/sessions"),
        *("/games/99999999", "/games?page_size=x"),
    ],
)
def test_a_response_leaves_nothing_to_the_garbage_collector(
    path: str, api_as: ApiAs, views: Views
) -> None:
    staff = StaffFactory.create()
    game = GameFactory.create()
    PlaySessionFactory.create(user=staff, game=game)
    token = api_as(staff)._credentials["HTTP_AUTHORIZATION"]  # type: ignore[attr-defined]  # not in the stubs
    environ = RequestFactory().get(path.format(game=game.pk), HTTP_AUTHORIZATION=token).environ
    views.clear()

    response = get_internal_wsgi_application()(environ, lambda *start: bytes)
    b"".join(response)
    del response

    assert [view() for view in views] == [None]
