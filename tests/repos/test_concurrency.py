"""Many at one instant, each thread with a connection of its own."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import partial

import pytest

from repos.models import TrackedRepository, TrafficDay
from repos.traffic.history import import_history
from repos.traffic.merging import DayFigures
from tests.concurrency import at_once
from tests.conftest import ApiAs
from tests.factories import RepositoryFactory, UserFactory
from tests.repos.conftest import TokenApi

# Threads see only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.system]


def test_one_entry_however_often_a_repository_is_added(token_api: TokenApi) -> None:
    client = token_api(UserFactory.create())

    follow = partial(client.post, "/api/repos/create", {"url": "https://github.com/octo/hello"})
    answers = at_once([follow] * 12)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 11}
    assert TrackedRepository.objects.count() == 1


def test_one_account_however_often_an_address_signs_up(token_api: TokenApi) -> None:
    client = token_api(UserFactory.create())

    sign_up = partial(client.post, "/api/users/create", {"email": "ada@example.org"})
    answers = at_once([sign_up] * 12)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 11}


def test_what_is_merged_at_once_is_merged_whole() -> None:
    """Reading, comparing and writing of one must not lose what another wrote meanwhile."""
    repository = RepositoryFactory.create()
    day, now = date(2026, 1, 5), datetime(2026, 3, 1, tzinfo=UTC)

    at_once(
        [
            partial(
                import_history,
                repository=repository,
                history={day: DayFigures(views=n, clones=12 - n)},
                now=now,
            )
            for n in range(12)
        ]
    )

    assert TrafficDay.objects.get().figures == DayFigures(views=11, clones=12)


@pytest.mark.parametrize("path", ["/api/repos/{uuid}/delete", "/users/me"])
def test_what_is_imported_into_is_deleted_whole(path: str, api_as: ApiAs) -> None:
    """Days that are added during the deletion would outlive their repository."""
    days = "".join(f"2026-01-{day:02},1,1,1,1,true\n" for day in range(1, 32))
    file = f"date,views,unique_visitors,clones,unique_cloners,complete\n{days}"

    for _ in range(5):
        repository = RepositoryFactory.create()
        client = api_as(repository.user)
        store = partial(
            client.post,
            f"/api/repos/{repository.uuid}/import",
            file,
            content_type="text/csv",
        )
        delete = client.delete if path == "/users/me" else client.post

        *stored, deleted = at_once(
            [store, store, store, partial(delete, path.format(uuid=repository.uuid))]
        )

        assert deleted.status_code in {202, 204}
        assert {response.status_code for response in stored} <= {200, 401, 404}
        assert not TrackedRepository.objects.exists()
