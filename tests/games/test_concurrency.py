"""Staff who edit the catalogue at one instant, each thread with a connection of its own."""

from collections import Counter
from functools import partial

import pytest

from core.exceptions import NotFound
from games import services
from games.models import Game, Genre
from tests.concurrency import at_once
from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, StaffFactory

# Threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kind", ["games", "genres"])
def test_of_many_who_delete_one_thing_exactly_one_succeeds(kind: str, api_as: ApiAs) -> None:
    thing = GameFactory.create() if kind == "games" else GenreFactory.create()
    staff = api_as(StaffFactory.create())

    responses = at_once([partial(staff.delete, f"/{kind}/{thing.pk}")] * 16)

    assert Counter(response.status_code for response in responses) == {204: 1, 404: 15}


@pytest.mark.parametrize("kind", ["games", "genres"])
def test_what_is_deleted_while_it_is_edited_stays_deleted(kind: str, api_as: ApiAs) -> None:
    staff = api_as(StaffFactory.create())

    for round_number in range(8):
        thing = GameFactory.create() if kind == "games" else GenreFactory.create()
        path = f"/{kind}/{thing.pk}"
        edit = partial(staff.patch, path, {"name": f"Renamed {round_number}"})

        *edited, deleted = at_once([edit, edit, edit, partial(staff.delete, path)])

        assert deleted.status_code == 204
        assert {response.status_code for response in edited} <= {200, 404}
        assert staff.get(path).status_code == 404


def test_edits_of_different_members_are_both_kept(api_as: ApiAs) -> None:
    staff = api_as(StaffFactory.create())

    for round_number in range(8):
        game = GameFactory.create()
        path = f"/games/{game.pk}"

        at_once(
            [
                partial(staff.patch, path, {"name": f"Renamed {round_number}"}),
                partial(staff.patch, path, {"released": 1901}),
            ]
        )

        stored = staff.get(path).json()
        assert (stored["name"], stored["released"]) == (f"Renamed {round_number}", 1901)


def test_an_edit_of_a_game_or_genre_that_is_gone_does_not_bring_it_back() -> None:
    game, genre = GameFactory.create(), GenreFactory.create()
    Game.objects.filter(pk=game.pk).delete()
    Genre.objects.filter(pk=genre.pk).delete()

    with pytest.raises(NotFound):
        services.update_game(game, name="Back again")
    with pytest.raises(NotFound):
        services.update_genre(genre, name="Back again")

    assert not Game.objects.filter(name="Back again").exists()
    assert not Genre.objects.filter(name="Back again").exists()
