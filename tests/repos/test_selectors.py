"""What is shown of a repository, and what it costs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from core.dates import DateRange
from repos import selectors
from repos.models import ApiToken, PopularitySnapshot, ShareToken, TrackedRepository, TrafficDay
from repos.models.token import digest_of
from repos.selectors import LastFourteenDays
from tests.factories import RepositoryFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
ALL = DateRange()


def with_history(repository: TrackedRepository, *, days: int = 3) -> TrackedRepository:
    for n in range(days):
        TrafficDay.objects.create(
            repository=repository,
            date=NOW.date() - timedelta(days=n),
            views=10 + n,
            window_views=100 + n,
            window_unique_visitors=50,
            window_clones=5,
            window_unique_cloners=4,
        )
        PopularitySnapshot.objects.create(
            repository=repository,
            kind="referrers",
            first_date=NOW.date() - timedelta(days=n),
            last_date=NOW.date() - timedelta(days=n),
            entries=[{"referrer": f"r{n}", "views": 1, "unique_visitors": 1}],
        )
    repository.last_fetched_at = NOW
    repository.save()
    return repository


class TestTrafficOf:
    def test_days_come_oldest_first(self) -> None:
        repository = with_history(RepositoryFactory.create())

        traffic = selectors.traffic_of(repository, within=ALL, now=NOW)

        assert [(day.date.day, day.views) for day in traffic.days] == [(18, 12), (19, 11), (20, 10)]

    def test_the_newest_totals_and_lists_are_shown(self) -> None:
        repository = with_history(RepositoryFactory.create())

        traffic = selectors.traffic_of(repository, within=ALL, now=NOW)

        assert traffic.last_14_days == LastFourteenDays(100, 50, 5, 4, NOW)
        assert [one["referrer"] for one in traffic.referrers] == ["r0"]
        assert traffic.paths == []

    def test_traffic_of_both_ends_are_included(self) -> None:
        repository = with_history(RepositoryFactory.create())
        day = date(2026, 3, 19)

        traffic = selectors.traffic_of(repository, within=DateRange(day, day), now=NOW)

        assert [one.date for one in traffic.days] == [day]

    def test_before_the_first_fetch_there_is_nothing(self) -> None:
        repository = RepositoryFactory.create(created_at=NOW)

        traffic = selectors.traffic_of(repository, within=ALL, now=NOW)

        assert traffic.days == []
        assert traffic.last_14_days == LastFourteenDays()
        assert traffic.last_error is None

    @pytest.mark.parametrize("count", [1, 7])
    def test_traffic_of_costs_the_same_however_many_repositories(
        self, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        user = UserFactory.create()
        for _ in range(count):
            with_history(RepositoryFactory.create(user=user))
        repositories = list(selectors.repositories_of(user))

        with django_assert_num_queries(4):
            found = selectors.traffic_of_all(repositories, within=ALL, now=NOW)

        assert [one.repository for one in found] == repositories
        assert all(len(one.days) == 3 for one in found)


class TestErrorSentence:
    def test_a_run_that_stays_away_is_told_with_the_date_of_loss(self) -> None:
        repository = RepositoryFactory.create(last_fetched_at=NOW - timedelta(days=3))

        message = selectors.error_sentence(repository, now=NOW)

        assert message is not None
        assert "2026-03-31" in message

    def test_error_sentence_once_days_are_lost_it_says_so(self) -> None:
        repository = RepositoryFactory.create(last_fetched_at=NOW - timedelta(days=20))

        message = selectors.error_sentence(repository, now=NOW)

        assert message is not None
        assert "since 2026-03-14" in message

    @pytest.mark.parametrize(
        ("days", "warning"),
        [
            (13, "Unless a fetch succeeds before, days will be lost for good on 2026-03-21."),
            (14, "Days are being lost for good since 2026-03-20."),
        ],
    )
    def test_a_warning_of_the_last_fetch_that_has_come_true_since_is_told_as_such(
        self, days: int, warning: str
    ) -> None:
        repository = RepositoryFactory.create(last_fetched_at=NOW - timedelta(days=days))
        warned = selectors.loss_warning(repository, today=NOW.date() - timedelta(days=5))
        repository.last_error = f"GitHub refuses. {warned}"

        message = selectors.error_sentence(repository, now=NOW)

        assert message == f"GitHub refuses. {warning}"


class TestWho:
    def test_a_repository_is_found_by_its_owner_alone(self) -> None:
        repository = RepositoryFactory.create()

        assert selectors.repository_of(repository.user, str(repository.uuid)) == repository
        assert selectors.repository_of(UserFactory.create(), str(repository.uuid)) is None

    @pytest.mark.parametrize("text", ["", "x", "0" * 32, "{" + "0" * 32 + "}", "é" * 36])
    def test_no_text_is_an_error(self, text: str) -> None:
        assert selectors.repository_of(UserFactory.create(), text) is None

    def test_a_share_token_opens_pages_only(self) -> None:
        user = UserFactory.create()
        ApiToken.objects.create(user=user, digest=digest_of("a" * 32))
        ShareToken.objects.create(user=user, digest=digest_of("b" * 32))

        assert selectors.user_with_api_token("a" * 32) == user
        assert selectors.user_with_api_token("b" * 32) is None
        assert selectors.user_with_share_token("b" * 32) == user
        assert selectors.user_with_share_token("a" * 32) is None
        assert selectors.user_with_share_token("c" * 32) is None

    def test_tokens_of_inactive_users_open_nothing(self) -> None:
        user = UserFactory.create(is_active=False)
        ApiToken.objects.create(user=user, digest=digest_of("a" * 32))
        ShareToken.objects.create(user=user, digest=digest_of("b" * 32))

        assert selectors.user_with_api_token("a" * 32) is None
        assert selectors.user_with_share_token("b" * 32) is None
