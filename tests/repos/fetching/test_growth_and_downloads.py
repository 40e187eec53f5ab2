"""What a run stores besides the days: growth, weeks, releases, downloads, the token's expiry."""

from datetime import date, timedelta

import pytest
from pytest_django import Settings

from repos.credentials.services import store_github_credential
from repos.models import GitHubCredential, TrackedRepository
from tests.factories import UserFactory
from tests.repos.fault_injection import FAULTS, answering
from tests.repos.fetching.running import NOW, ONE_DAY, TODAY, follow, run, stored
from tests.repos.github_server import FakeRelease, FakeRepository, GitHubServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository(github_server: GitHubServer) -> TrackedRepository:
    return follow(github_server)


@pytest.fixture
def truth(repository: TrackedRepository, github_server: GitHubServer) -> FakeRepository:
    return github_server.repositories["octo/hello"]


def downloads(repository: TrackedRepository) -> list[tuple[int, int]]:
    """The days from TODAY, and the downloads of each."""
    rows = repository.download_days.order_by("date").values_list("date", "downloads")
    return [((day - TODAY).days, count) for day, count in rows]


class TestGrowth:
    def test_the_last_fetch_of_the_day_stands(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        run(server=github_server)
        truth.stars = 6  # people take stars back
        run(now=NOW + timedelta(hours=3), server=github_server)
        truth.stars = 9
        run(now=NOW + ONE_DAY, server=github_server)

        rows = repository.facts.order_by("date").values_list(
            "date", "stars", "forks", "watchers", "open_issues"
        )
        assert list(rows) == [(TODAY, 6, 3, 5, 2), (TODAY + ONE_DAY, 9, 3, 5, 2)]

    def test_unchanged_facts_are_those_of_the_day_before(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        for n in range(3):
            run(now=NOW + n * ONE_DAY, server=github_server)

        assert [row.stars for row in repository.facts.all()] == [7, 7, 7]

    def test_a_fetch_without_facts_makes_no_row(
        self, repository: TrackedRepository, github_server: GitHubServer, settings: Settings
    ) -> None:
        # Otherwise it might be private.
        settings.GITHUB_TOKEN_OWNERS = frozenset({"octo"})
        github_server.fault = lambda handler: (
            handler.path == "/repos/octo/hello" and answering(500)(handler)
        )

        assert run(server=github_server).is_clean
        assert stored(repository)
        assert not repository.facts.exists()


class TestUnchanged:
    def test_a_quiet_repository_costs_no_rate_limit(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        truth.traffic = {}
        truth.releases = [FakeRelease(1, "v1", {11: 5})]
        run(server=github_server)
        statuses: list[int] = []
        github_server.on_status = statuses.append

        run(now=NOW + ONE_DAY, server=github_server)

        assert statuses == [304] * 8

    def test_unchanged_not_modified_never_stands_for_still_private(
        self,
        repository: TrackedRepository,
        truth: FakeRepository,
        github_server: GitHubServer,
        settings: Settings,
    ) -> None:
        settings.GITHUB_TOKEN_OWNERS = frozenset({"octo"})
        truth.private = True
        run(server=github_server)
        before = stored(repository)
        assert before
        settings.GITHUB_TOKEN_OWNERS = frozenset()

        run(now=NOW + ONE_DAY, server=github_server)

        repository.refresh_from_db()
        assert "private" in repository.last_error
        assert stored(repository) == before


class TestWeeks:
    def test_weeks_grow_and_never_fall(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        monday = date(2026, 3, 9)
        run(server=github_server)
        week = repository.weeks.get(week=monday)
        assert (week.views, week.unique_visitors) == (sum(100 + n for n in range(5, 12)), 50)

        # The week leaves the window: GitHub shows less and less of it.
        run(now=NOW + 11 * ONE_DAY, server=github_server)

        again = repository.weeks.get(week=monday)
        assert (again.views, again.unique_visitors) == (week.views, week.unique_visitors)
        assert [row.week.isoformat() for row in repository.weeks.order_by("week")] == [
            "2026-03-02",
            "2026-03-09",
            "2026-03-16",
        ]


class TestDownloads:
    def test_downloads_are_the_growth_of_each_counter(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        release = FakeRelease(1, "v1", {11: 100, 12: 50})
        truth.releases = [release]
        run(server=github_server)  # counts nothing
        release.assets[11] += 7
        run(now=NOW + ONE_DAY, server=github_server)
        release.assets[12] += 1
        run(now=NOW + ONE_DAY * 1.2, server=github_server)
        run(now=NOW + 2 * ONE_DAY, server=github_server)
        truth.releases = [FakeRelease(2, "v2", {21: 30}), release]
        run(now=NOW + 3 * ONE_DAY, server=github_server)

        assert downloads(repository) == [(1, 8), (2, 0), (3, 30)]
        assert [(one.tag, one.downloads) for one in repository.releases.order_by("tag")] == [
            ("v1", 158),
            ("v2", 30),
        ]

    def test_a_deleted_release_takes_nothing_away_and_may_come_back(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        kept, deleted = FakeRelease(1, "v1", {11: 100}), FakeRelease(2, "v2", {21: 500})
        truth.releases = [kept, deleted]
        run(server=github_server)
        truth.releases = [kept]
        kept.assets[11] += 3
        run(now=NOW + ONE_DAY, server=github_server)
        assert [one.tag for one in repository.releases.all()] == ["v1"]
        truth.releases = [kept, deleted]
        deleted.assets[21] += 1
        run(now=NOW + 2 * ONE_DAY, server=github_server)

        assert downloads(repository) == [(1, 3), (2, 1)]

    def test_the_first_release_counts_from_zero(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        run(server=github_server)
        truth.releases = [FakeRelease(1, "v1", {11: 12})]
        run(now=NOW + ONE_DAY, server=github_server)

        assert downloads(repository) == [(1, 12)]

    def test_a_counter_that_falls_is_no_negative_day(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        truth.releases = [FakeRelease(1, "v1", {11: 100})]
        run(server=github_server)
        truth.releases[0].assets[11] = 10
        run(now=NOW + ONE_DAY, server=github_server)
        truth.releases[0].assets[11] = 101
        run(now=NOW + 2 * ONE_DAY, server=github_server)

        assert downloads(repository) == [(1, 0), (2, 1)]

    def test_a_failed_page_counts_nothing_twice(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        github_server.page_size = 1
        truth.releases = [FakeRelease(n, f"v{n}", {n: 10}) for n in (1, 2)]
        run(server=github_server)
        for release in truth.releases:
            release.assets[release.github_id] += 5
        github_server.fault = lambda handler: "page=2" in handler.path and answering(500)(handler)
        assert run(now=NOW + ONE_DAY, server=github_server).failed == 1
        assert downloads(repository) == []
        github_server.fault = None
        run(now=NOW + ONE_DAY, server=github_server)

        assert downloads(repository) == [(1, 10)]


class TestArchived:
    def test_archived_is_no_failure_of_the_run(
        self, repository: TrackedRepository, truth: FakeRepository, github_server: GitHubServer
    ) -> None:
        run(server=github_server)
        truth.archived = True

        assert run(now=NOW + ONE_DAY, server=github_server).is_clean
        repository.refresh_from_db()
        assert repository.archived
        assert "is archived" in repository.last_error
        assert "lost" not in repository.last_error
        assert stored(repository)
        truth.archived = False
        assert run(now=NOW + 2 * ONE_DAY, server=github_server).is_clean
        repository.refresh_from_db()
        assert (repository.archived, repository.last_error) == (False, "")


class TestAnotherRepositoryUnderTheName:
    def test_another_repository_under_the_name_stops_keeps_the_history_and_can_be_followed_again(
        self, repository: TrackedRepository, github_server: GitHubServer
    ) -> None:
        run(server=github_server)
        before = stored(repository)
        del github_server.repositories["octo/hello"]
        github_server.add("octo/hello", github_id=666)

        assert run(now=NOW + ONE_DAY, server=github_server).failed == 1
        repository.refresh_from_db()
        assert "another repository" in repository.last_error
        assert stored(repository) == before
        github_server.received.clear()
        assert run(now=NOW + 2 * ONE_DAY, server=github_server).requests == 0

        again = follow(github_server, user=repository.user)
        assert run(now=NOW + 2 * ONE_DAY, server=github_server).is_clean
        again.refresh_from_db()
        assert (again.github_id, again.last_error) == (666, "")
        assert stored(repository) == before


class TestFailedDays:
    def test_failed_days_are_counted_once_a_day_and_forgotten_after_a_success(
        self, repository: TrackedRepository, github_server: GitHubServer
    ) -> None:
        github_server.fault = FAULTS["500"]
        for moment in (NOW, NOW + timedelta(hours=1), NOW + ONE_DAY):
            run(now=moment, server=github_server)
        repository.refresh_from_db()
        assert repository.failed_days == 2
        github_server.fault = FAULTS["429 with Retry-After"]
        run(now=NOW + 2 * ONE_DAY, server=github_server)
        repository.refresh_from_db()
        assert repository.failed_days == 2
        github_server.fault = None

        run(now=NOW + 3 * ONE_DAY, server=github_server)

        repository.refresh_from_db()
        assert (repository.failed_days, repository.last_failed_on) == (0, None)


class TestExpiryOfTheToken:
    def test_expiry_of_the_token_is_stored_with_the_users_own(
        self, repository: TrackedRepository, github_server: GitHubServer
    ) -> None:
        store_github_credential(user=repository.user, token="ghp_own", now=NOW - ONE_DAY)
        other = UserFactory.create()
        store_github_credential(user=other, token="ghp_other", now=NOW - ONE_DAY)
        github_server.headers["GitHub-Authentication-Token-Expiration"] = "2026-04-01 08:15:54 UTC"

        run(server=github_server)

        expiry = GitHubCredential.objects.get(user=repository.user).expires_at
        assert expiry is not None
        assert expiry.isoformat() == "2026-04-01T08:15:54+00:00"
        assert GitHubCredential.objects.get(user=other).expires_at is None
        store_github_credential(user=repository.user, token="ghp_new", now=NOW)
        assert GitHubCredential.objects.get(user=repository.user).expires_at is None


class TestExpiryOfTheServersToken:
    @pytest.mark.parametrize(("days", "is_told"), [(8, False), (6, True)])
    def test_expiry_of_the_servers_token_is_reported_to_the_operator(
        self, days: int, is_told: bool, repository: TrackedRepository, github_server: GitHubServer
    ) -> None:
        expiry = NOW + days * ONE_DAY
        github_server.headers["GitHub-Authentication-Token-Expiration"] = f"{expiry:%F %T} UTC"

        warning = run(server=github_server).expiry_warning(now=NOW)

        assert (warning is not None) == is_told
        assert warning is None or f"GITHUB_TOKEN expires on {expiry:%F %H:%M} UTC" in warning


class TestClockOfTheMachine:
    @pytest.mark.parametrize(
        ("days", "words"), [(1, "1440 minutes ahead"), (-1, "1440 minutes behind")]
    )
    def test_that_is_wrong_is_told_and_not_used(
        self, days: int, words: str, repository: TrackedRepository, github_server: GitHubServer
    ) -> None:
        github_server.now = lambda: NOW

        summary = run(now=NOW + days * ONE_DAY)

        assert summary.is_clean
        assert summary.clock_warning is not None
        assert words in summary.clock_warning
        assert max(stored(repository)) == TODAY
        assert run(server=github_server).clock_warning is None
