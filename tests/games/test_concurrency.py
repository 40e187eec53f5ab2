"""Staff who edit the catalogue at one instant, each thread with a connection of its own."""

from collections import Counter
from functools import partial

import pytest

from tests.conftest import ApiAs
from tests.factories import GameFactory, GenreFactory, StaffFactory
from tests.playsessions.test_concurrency import at_once

# Threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kind", ["games", "genres"])
def test_of_many_who_delete_one_thing_exactly_one_succeeds(kind: str, api_as: ApiAs) -> None:
    thing = GameFactory.create() if kind == "games" else GenreFactory.create()
    staff = api_as(StaffFactory.create())

    responses = at_once([partial(staff.delete, f"/{kind}/{thing.pk}")] * 16)

    assert Counter(response.status_code for response in responses) == {204: 1, 404: 15}
