"""The demo history of the first run."""

from datetime import UTC, datetime, timedelta

import pytest

from core.dates import DateRange
from repos import selectors
from repos.demo import create_demo_traffic
from repos.models import TrackedRepository
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)


def test_two_repositories_with_two_years_a_gap_and_incomplete_last_days() -> None:
    demos = create_demo_traffic(user=UserFactory.create(), now=NOW)

    assert len(demos) == 2
    for demo in demos:
        traffic = selectors.traffic_of(demo, within=DateRange(), now=NOW)
        days = {day.date: day for day in traffic.days}
        assert len(days) == 730 - 21
        assert max(days) - min(days) == timedelta(days=729)
        assert [days[NOW.date() - timedelta(days=n)].complete for n in range(5)] == [
            False,
            False,
            False,
            True,
            True,
        ]
        assert traffic.last_14_days.unique_visitors
        assert len(traffic.referrers) >= 3
        assert len(traffic.paths) == 10
        assert (
            max(day.views or 0 for day in traffic.days)
            > 3 * sorted(day.views or 0 for day in traffic.days)[len(days) // 2]
        )


def test_is_labelled_and_never_fetched() -> None:
    (demo, _) = create_demo_traffic(user=UserFactory.create(), now=NOW)

    assert "demo" in str(demo)
    assert "demo data" in (selectors.error_sentence(demo, now=NOW) or "")
    assert demo not in selectors.repositories_to_fetch()
    assert selectors.overdue(now=NOW + timedelta(days=30)) is None


def test_is_made_once() -> None:
    user = UserFactory.create()
    create_demo_traffic(user=user, now=NOW)

    assert create_demo_traffic(user=user, now=NOW) == []
    assert TrackedRepository.objects.count() == 2
