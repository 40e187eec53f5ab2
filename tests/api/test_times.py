"""Times in responses have six digits of fraction, zero or not."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from api.renderers import ORJSONRenderer
from playsessions.models import PlaySession
from repos.models import TrackedRepository
from tests.conftest import ApiAs
from tests.factories import GameFactory, UserFactory
from users.models import Session, User

WHOLE_SECOND = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
WRITTEN = "2026-03-01T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (WHOLE_SECOND, WRITTEN),
        (WHOLE_SECOND.replace(microsecond=1), "2026-03-01T12:00:00.000001Z"),
        (WHOLE_SECOND.astimezone(timezone(timedelta(hours=9))), WRITTEN),
    ],
)
def test_a_time_is_written_in_utc_with_six_digits(moment: datetime, written: str) -> None:
    assert ORJSONRenderer().render({"at": moment}) == f'{{"at":"{written}"}}'.encode()


def times_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [time for inner in value.values() for time in times_in(inner)]
    if isinstance(value, list):
        return [time for inner in value for time in times_in(inner)]
    return [value] if isinstance(value, str) and value.startswith("2026-03-01T") else []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/users/me",
        "/users/{user}",
        "/users",
        "/auth/sessions",
        "/playsessions",
        "/users/lastplayed",
        "/api/repos",
    ],
)
def test_every_time_of_a_whole_second_has_its_fraction(api_as: ApiAs, path: str) -> None:
    user = UserFactory.create(is_staff=True, birthdate="1990-05-17")
    client = api_as(user)
    client.post("/playsessions", {"game": GameFactory.create().pk})
    client.post("/api/repos/create", {"url": "https://github.com/octocat/hello-world"})
    Session.objects.update(created_at=WHOLE_SECOND)
    PlaySession.objects.update(created_at=WHOLE_SECOND)
    User.objects.update(date_joined=WHOLE_SECOND)
    TrackedRepository.objects.update(created_at=WHOLE_SECOND)

    answer = client.get(path.format(user=user.pk))

    assert answer.status_code == 200, answer.content
    assert times_in(answer.json())
    assert set(times_in(answer.json())) == {WRITTEN}
