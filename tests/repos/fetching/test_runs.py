"""Runs against a server that plays GitHub: what is stored at the end, and what it cost."""

import logging
import random
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from core.dates import DateRange
from repos import selectors
from repos.credentials.services import store_github_credential
from repos.fetching import storing
from repos.fetching.services import KEEP_RUNS
from repos.models import (
    FetchOutcome,
    FetchRun,
    FetchStatus,
    FetchTrigger,
    PopularitySnapshot,
    RepositoryFacts,
    TrackedRepository,
    TrafficDay,
)
from repos.services.repositories import unfollow_repository
from repos.traffic.merging import DayFigures
from tests.factories import UserFactory
from tests.repos.conftest import SERVER_TOKEN
from tests.repos.fault_injection import (
    FAULTS,
    answering,
    limited,
    redirecting,
    views_saying,
)
from tests.repos.fetching.running import NOW, ONE_DAY, TODAY, follow, run, stored
from tests.repos.github_server import (
    FakeRelease,
    FakeRepository,
    GitHubServer,
    Handler,
    Traffic,
)
from users.models import User

pytestmark = pytest.mark.django_db

OWN_TOKEN = "github_pat_ownTokenThatNobodyMaySee0123456789"


class TestSixtyDays:
    """Overlapping windows, clipped edges, late days, omitted and explicit zero days."""

    @pytest.mark.parametrize("seed", [1, 2])
    def test_every_figure_is_right_and_none_ever_fell(
        self, seed: int, github_server: GitHubServer
    ) -> None:
        chance = random.Random(seed)
        first = date(2026, 1, 20)
        days = [first + n * ONE_DAY for n in range(60)]
        truths: list[FakeRepository] = []
        for n in range(4):
            traffic = {
                day: Traffic(*(chance.randrange(1, 500) for _ in range(4)))
                for day in days
                if chance.random() > 0.2
            }
            truths.append(
                github_server.add(
                    f"octo/sixty-{n}",
                    traffic=traffic,
                    explicit_zeros=n % 2 == 1,
                    late_hours=(0, 3, 30, 47)[n],
                )
            )
        entries = [follow(github_server, truth.full_name) for truth in truths]
        before: dict[int, dict[date, DayFigures]] = {entry.pk: {} for entry in entries}
        moments = [
            datetime.combine(day, datetime.min.time(), UTC)
            + timedelta(hours=chance.uniform(0, 23.9))
            for day in days
            # A few days on which nothing ran, never two weeks of them.
            if chance.random() > 0.3
        ]
        # The last days may be without traffic, which is sure a week after their end.
        moments += [
            datetime.combine(days[-1] + n * ONE_DAY, datetime.min.time(), UTC) for n in (4, 8)
        ]

        for moment in moments:
            assert run(now=moment, server=github_server).is_clean
            for entry in entries:
                now_stored = stored(entry)
                for day, was in before[entry.pk].items():
                    assert was.merged_with(now_stored[day]) == now_stored[day]
                before[entry.pk] = now_stored

        for entry, truth in zip(entries, truths, strict=True):
            for day in days:
                true = truth.traffic.get(day, Traffic())
                assert before[entry.pk][day] == DayFigures(
                    true.views,
                    true.unique_visitors,
                    true.clones,
                    true.unique_cloners,
                    complete=True,
                ), (truth.full_name, day)

    def test_a_gap_longer_than_the_window_stays_a_gap(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)

        run(server=github_server)
        run(now=NOW + 20 * ONE_DAY, server=github_server)

        found = stored(entry)
        assert TODAY + ONE_DAY not in found
        assert TODAY + 7 * ONE_DAY in found
        assert found[TODAY].complete is False


class TestWhatIsStored:
    def test_totals_lists_and_facts_of_the_day(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)
        truth = github_server.repositories["octo/hello"]
        truth.referrers = [{"referrer": "Google", "count": 4, "uniques": 3}]
        truth.paths = [{"path": "/p", "title": "P", "count": 2, "uniques": 1}]

        run(server=github_server)

        entry.refresh_from_db()
        traffic = selectors.traffic_of(entry, within=DateRange(), now=NOW)
        window = truth.window("views", NOW)
        assert traffic.last_14_days.views == window["count"]
        assert traffic.last_14_days.unique_visitors == window["uniques"]
        assert traffic.last_14_days.as_of == NOW
        assert traffic.referrers == [{"referrer": "Google", "views": 4, "unique_visitors": 3}]
        assert traffic.paths == [{"path": "/p", "title": "P", "views": 2, "unique_visitors": 1}]
        facts = RepositoryFacts.objects.get(repository=entry, date=TODAY)
        assert (facts.stars, facts.forks, facts.watchers, facts.open_issues) == (7, 3, 5, 2)

    def test_every_days_list_is_kept_and_equal_days_share_a_row(
        self, github_server: GitHubServer
    ) -> None:
        entry = follow(github_server)
        truth = github_server.repositories["octo/hello"]
        lists: list[list[dict[str, Any]]] = [
            [{"referrer": name, "count": 1, "uniques": 1}] if name else []
            for name in ("a", "a", "b", "", "b")
        ]

        for n, referrers in enumerate(lists):
            truth.referrers = referrers
            run(now=NOW + n * ONE_DAY, server=github_server)

        kept = PopularitySnapshot.objects.filter(repository=entry, kind="referrers")
        assert [
            (one.first_date.day, one.last_date.day, [entry["referrer"] for entry in one.entries])
            for one in kept.order_by("first_date")
        ] == [(20, 21, ["a"]), (22, 22, ["b"]), (23, 23, []), (24, 24, ["b"])]

    @pytest.mark.parametrize("is_modified", [False, True])
    def test_a_day_on_which_nobody_asked_has_no_list(
        self, is_modified: bool, github_server: GitHubServer, client: APIClient, user: User
    ) -> None:
        """Nobody knows whether the same list stood there in between."""
        entry = follow(github_server, user=user)
        truth = github_server.repositories["octo/hello"]
        truth.referrers = [{"referrer": "a", "count": 4, "uniques": 1}]
        for n in (0, 1, 4, 5):
            if is_modified:
                # Without an ETag the body comes again.
                TrackedRepository.objects.update(etags={})
            run(now=NOW + n * ONE_DAY, server=github_server)

        [referrer] = client.get(f"/api/repos/{entry.uuid}/referrers").json()

        assert [day["date"] for day in referrer["days"]] == [
            "2026-03-20",
            "2026-03-21",
            "2026-03-24",
            "2026-03-25",
        ]

    def test_a_list_that_changes_within_the_day_is_replaced(
        self, github_server: GitHubServer
    ) -> None:
        entry = follow(github_server)
        truth = github_server.repositories["octo/hello"]
        for moment, name in [(NOW, "a"), (NOW + ONE_DAY, "a"), (NOW + ONE_DAY * 1.2, "b")]:
            truth.referrers = [{"referrer": name, "count": 1, "uniques": 1}]
            run(now=moment, server=github_server)

        kept = PopularitySnapshot.objects.filter(repository=entry, kind="referrers")
        assert [
            (one.first_date.day, one.last_date.day, one.entries[0]["referrer"])
            for one in kept.order_by("first_date")
        ] == [(20, 20, "a"), (21, 21, "b")]

    def test_the_window_of_the_day_before_is_read_just_after_midnight(
        self, github_server: GitHubServer
    ) -> None:
        """GitHub's figures are up to an hour old."""
        entry = follow(github_server)
        midnight = datetime(2026, 3, 21, 0, 17, tzinfo=UTC)

        def an_hour_old(handler: Handler) -> bool:
            repository, endpoint = github_server.find(handler.path)
            if repository is None or endpoint not in {"/traffic/views", "/traffic/clones"}:
                return False
            metric = endpoint.removeprefix("/traffic/")
            handler.send_json(200, repository.window(metric, midnight - timedelta(minutes=40)))
            return True

        github_server.fault = an_hour_old

        assert run(now=midnight, server=github_server).is_clean
        days = stored(entry)
        assert (min(days), max(days)) == (date(2026, 3, 6), date(2026, 3, 21))
        assert not days[date(2026, 3, 6)].complete
        assert not days[date(2026, 3, 7)].complete
        assert days[date(2026, 3, 8)].complete
        assert days[date(2026, 3, 17)].views == 103

    def test_an_unchanged_body_still_covers_its_days(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)
        truth = github_server.repositories["octo/hello"]
        truth.traffic = {TODAY - 5 * ONE_DAY: Traffic(9, 8, 7, 6)}
        run(server=github_server)
        first = stored(entry)
        github_server.received.clear()

        run(now=NOW + 3 * ONE_DAY, server=github_server)

        assert all(
            "If-None-Match" in request.headers
            for request in github_server.received
            if "/traffic/" in request.path
        )
        second = stored(entry)
        assert second[TODAY - 5 * ONE_DAY] == DayFigures(9, 8, 7, 6, complete=True)
        assert not first[TODAY].complete
        # GitHub may be late with it.
        assert second[TODAY] == DayFigures(0, 0, 0, 0, complete=False)
        assert second[TODAY + 3 * ONE_DAY] == DayFigures(0, 0, 0, 0)
        totals = selectors.traffic_of(
            TrackedRepository.objects.get(pk=entry.pk), within=DateRange(), now=NOW
        ).last_14_days
        assert (totals.views, totals.unique_cloners) == (9, 6)
        assert totals.as_of == NOW + 3 * ONE_DAY
        run(now=NOW + 8 * ONE_DAY, server=github_server)
        assert stored(entry)[TODAY].complete

    def test_figures_that_nobody_can_add_up_are_not_stored(
        self, github_server: GitHubServer, client: APIClient, user: User
    ) -> None:
        entry = follow(github_server, user=user)
        badge = client.post(f"/api/repos/{entry.uuid}/badge").json()["json"]

        def boast(body: dict[str, Any]) -> None:
            for each in (body, *body["views"]):
                each["count"] = 2**63 - 1

        github_server.fault = views_saying(boast)

        summary = run(server=github_server)

        assert summary.failed == 1
        assert client.get("/api/traffic").json()["traffic"] == []
        assert client.get(badge).status_code == 200

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    def test_a_release_outside_the_calendar_fails_the_fetch_and_says_so(
        self, moment: str, github_server: GitHubServer
    ) -> None:
        entry = follow(github_server)
        github_server.repositories["octo/hello"].releases = [
            FakeRelease(1, "v1", published_at=moment)
        ]

        run(server=github_server)

        entry.refresh_from_db()
        assert "not what its documentation says" in entry.last_error
        assert stored(entry)

    def test_views_without_clones_change_no_day(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)
        github_server.fault = lambda handler: (
            handler.path.endswith("/clones") and answering(500)(handler)
        )

        run(server=github_server)

        assert stored(entry) == {}
        github_server.fault = None
        assert run(server=github_server).is_clean
        assert stored(entry)[TODAY - 3 * ONE_DAY].views == 103

    def test_a_failing_list_loses_no_day(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)
        github_server.fault = lambda handler: (
            handler.path.endswith("/paths") and answering(500)(handler)
        )

        summary = run(server=github_server)

        assert (summary.fetched, summary.failed) == (0, 1)
        assert stored(entry)[TODAY - 3 * ONE_DAY].views == 103

    def test_what_a_run_did_is_recorded_in_words(self, github_server: GitHubServer) -> None:
        follow(github_server)
        gone = follow(github_server, "octo/gone")
        del github_server.repositories["octo/gone"]

        run(server=github_server)

        fetch_run = FetchRun.objects.get()
        assert fetch_run.ended_at is not None
        assert (fetch_run.fetched_count, fetch_run.failed_count) == (1, 1)
        assert fetch_run.request_count == len(github_server.received)
        outcome = FetchOutcome.objects.get(repository=gone)
        assert outcome.result == FetchStatus.FAILED
        assert "octo/gone" in outcome.message

    def test_old_runs_are_forgotten(self, github_server: GitHubServer) -> None:
        FetchRun.objects.create(
            trigger=FetchTrigger.COMMAND, started_at=NOW - KEEP_RUNS - timedelta(hours=1)
        )

        run(server=github_server)

        assert FetchRun.objects.count() == 1

    def test_a_repository_deleted_during_the_run_stays_deleted(
        self, github_server: GitHubServer
    ) -> None:
        entry = follow(github_server)
        other = follow(github_server, "octo/other")
        repositories = list(selectors.repositories_to_fetch())
        unfollow_repository(repository=entry)

        assert run(repositories, server=github_server).failed == 0
        assert not TrackedRepository.objects.filter(key="octo/hello").exists()
        assert stored(other)

    def test_demo_repositories_are_not_asked_about(self, github_server: GitHubServer) -> None:
        follow(github_server, is_demo=True)

        assert run(server=github_server).requests == 0


class TestErrors:
    def test_an_error_says_what_to_do_and_when_days_are_lost(
        self, github_server: GitHubServer
    ) -> None:
        entry = follow(github_server, created_at=NOW)
        run(server=github_server)
        github_server.fault = FAULTS["403 fine-grained"]

        run(now=NOW + ONE_DAY, server=github_server)

        entry.refresh_from_db()
        assert "Administration: read" in entry.last_error
        assert "lost for good on 2026-04-03" in entry.last_error
        assert entry.last_fetched_at == NOW
        assert entry.last_attempt_at == NOW + ONE_DAY

    def test_an_error_is_gone_after_a_success(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)
        github_server.fault = FAULTS["500"]
        run(server=github_server)
        github_server.fault = None

        run(server=github_server)

        entry.refresh_from_db()
        assert entry.last_error == ""


# One of ten has it; the others must not notice.
ON_ONE_OF_TEN = [
    "500",
    "502 in HTML",
    "503 with Retry-After",
    "no answer",
    "dripping body",
    "dripping headers",
    "endless body",
    "endless chunks",
    "gzip bomb",
    "corrupt gzip",
    "reset",
    "closed at once",
    "truncated",
    "truncated chunk",
    "no HTTP",
    "garbage",
    "HTML",
    "null",
    "deep nesting",
    "count is text",
    "count is negative",
    "count beyond 64 bits",
    "day long ago",
    "sixteen days",
    "304 unasked",
    "401",
    "403 push access",
    "403 fine-grained",
    "403 app",
    "404",
    "redirect to another host",
    "redirect in circles",
    "primary limit",
    "secondary limit",
    "429",
    "429 with Retry-After",
]


class TestOneOfTen:
    @pytest.mark.parametrize("name", ON_ONE_OF_TEN)
    def test_a_fault_of_one_repository_leaves_the_other_nine_alone(
        self,
        name: str,
        github_server: GitHubServer,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        entries = [follow(github_server, f"octo/r{n}") for n in range(10)]
        caplog.set_level(logging.DEBUG)
        unlucky = entries[4]
        TrafficDay.objects.create(repository=unlucky, date=TODAY - 2 * ONE_DAY, views=10**6)
        before = stored(unlucky)
        github_server.repositories[unlucky.key].fault = FAULTS[name]
        started = time.monotonic()

        summary = run(server=github_server)

        assert time.monotonic() - started < 15
        assert summary.fetched == 9
        assert summary.failed + summary.deferred == 1
        for entry in entries:
            if entry != unlucky:
                assert stored(entry)[TODAY - 3 * ONE_DAY] == DayFigures(103, 50, 20, 10, True)
        assert stored(unlucky) == before
        unlucky.refresh_from_db()
        assert unlucky.last_error
        said = caplog.text + "".join(capfd.readouterr()) + unlucky.last_error
        assert SERVER_TOKEN not in said

    def test_a_rename_is_no_fault(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)
        truth = github_server.repositories.pop("octo/hello")
        truth.full_name = "Octo/New-Name"
        github_server.repositories["octo/new-name"] = truth

        def moved(handler: Handler) -> bool:
            if not handler.path.startswith("/repos/octo/hello"):
                return False
            place = handler.path.replace("/repos/octo/hello", f"/repositories/{truth.github_id}")
            return redirecting(301, "{url}" + place)(handler)

        github_server.fault = moved

        assert run(server=github_server).is_clean
        entry.refresh_from_db()
        assert entry.github_id == truth.github_id
        assert entry.url == "https://github.com/Octo/New-Name"
        assert stored(entry)[TODAY - 3 * ONE_DAY].views == 103

    def test_a_name_that_the_user_follows_already_is_not_taken(
        self, github_server: GitHubServer
    ) -> None:
        entry = follow(github_server, github_id=1000)
        truth = github_server.repositories.pop("octo/hello")
        truth.full_name = "octo/new"
        github_server.repositories["octo/new"] = truth
        follow(github_server, "octo/new", user=entry.user)

        assert run(server=github_server).is_clean
        entry.refresh_from_db()
        assert entry.full_name == "octo/hello"

    def test_a_name_is_taken_once_the_user_has_unfollowed_its_other_history(
        self, github_server: GitHubServer
    ) -> None:
        entry = follow(github_server)
        github_server.rename("octo/hello", "octo/new")
        other = follow(github_server, "octo/new", user=entry.user)
        for _ in range(2):
            assert run(server=github_server).is_clean
        entry.refresh_from_db()
        assert entry.full_name == "octo/hello"
        other.refresh_from_db()
        unfollow_repository(repository=other)

        assert run(server=github_server).is_clean

        entry.refresh_from_db()
        assert entry.full_name == "octo/new"


class TestCredentials:
    def test_one_repository_is_asked_about_once_however_many_follow_it(
        self, github_server: GitHubServer
    ) -> None:
        entries = [follow(github_server) for _ in range(3)]

        summary = run(server=github_server)

        assert (summary.fetched, summary.requests) == (3, 8)
        assert len({tuple(stored(entry).items()) for entry in entries}) == 1

    # A failure may close the connection, which the transaction of a test would not survive.
    @pytest.mark.django_db(transaction=True)
    def test_what_cannot_be_stored_for_one_follower_is_no_failure_of_the_others(
        self, github_server: GitHubServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unlucky, *others = [follow(github_server) for _ in range(3)]

        def store(*, repository_id: int, **rest: Any) -> bool:
            if repository_id == unlucky.pk:
                raise RuntimeError
            return storing.store_fetched(repository_id=repository_id, **rest)

        monkeypatch.setattr("repos.fetching.services.store_fetched", store)

        summary = run(server=github_server)

        assert (summary.fetched, summary.failed) == (2, 1)
        told = dict(FetchOutcome.objects.values_list("repository", "result"))
        assert told == {one.pk: FetchStatus.FETCHED for one in others}

    def test_a_new_follower_gets_the_whole_window(self, github_server: GitHubServer) -> None:
        follow(github_server)
        run(server=github_server)
        late = follow(github_server)

        run(server=github_server)

        assert stored(late)[TODAY - 3 * ONE_DAY].views == 103

    def test_the_users_own_token_serves_the_users_repositories(
        self, github_server: GitHubServer
    ) -> None:
        mine = follow(github_server)
        store_github_credential(user=mine.user, token=OWN_TOKEN, now=NOW)
        follow(github_server, "octo/theirs")

        run(server=github_server)

        for request in github_server.received:
            expected = OWN_TOKEN if "hello" in request.path else SERVER_TOKEN
            assert request.headers["Authorization"] == f"Bearer {expected}"

    def test_a_changed_credential_asks_without_etags(self, github_server: GitHubServer) -> None:
        entry = follow(github_server)
        run(server=github_server)
        store_github_credential(user=entry.user, token=OWN_TOKEN, now=NOW)
        github_server.received.clear()

        run(server=github_server)

        assert not any("If-None-Match" in one.headers for one in github_server.received)

    def test_the_servers_token_serves_the_owners_it_is_meant_for(
        self, github_server: GitHubServer, settings: Settings
    ) -> None:
        settings.GITHUB_TOKEN_OWNERS = frozenset({"octo"})
        ours, other = follow(github_server, "Octo/hello"), follow(github_server, "else/hello")

        summary = run(server=github_server)

        assert (summary.fetched, summary.failed) == (1, 1)
        assert stored(ours)
        other.refresh_from_db()
        assert "POST /api/users/github" in other.last_error
        assert not any("else/" in path for path in github_server.paths)

    @pytest.mark.parametrize(("owners", "opens"), [(set(), False), ({"octo"}, True)])
    def test_the_servers_token_opens_private_repositories_of_named_owners_only(
        self, owners: set[str], opens: bool, github_server: GitHubServer, settings: Settings
    ) -> None:
        settings.GITHUB_TOKEN_OWNERS = frozenset(owners)
        entry = follow(github_server)
        github_server.repositories["octo/hello"].private = True

        run(server=github_server)

        assert bool(stored(entry)) == opens

    @pytest.mark.parametrize("known_id", [None, 1000])
    @pytest.mark.parametrize("facts_fail", [False, True])
    def test_a_redirect_does_not_open_the_repository_of_an_owner_who_is_not_named(
        self,
        known_id: int | None,
        facts_fail: bool,
        github_server: GitHubServer,
        settings: Settings,
    ) -> None:
        settings.GITHUB_TOKEN_OWNERS = frozenset({"octo"})
        entry = follow(github_server, github_id=known_id)
        github_server.rename("octo/hello", "secret/plans").private = True
        github_server.fault = lambda handler: (
            facts_fail
            and handler.path in {"/repos/octo/hello", "/repositories/1000"}
            and answering(403)(handler)
        )

        summary = run(server=github_server)

        assert summary.failed == 1
        entry.refresh_from_db()
        assert (entry.full_name, stored(entry)) == ("octo/hello", {})
        assert "secret" not in entry.last_error
        assert facts_fail or "POST /api/users/github" in entry.last_error
        assert not PopularitySnapshot.objects.exists()

    def test_a_redirect_within_the_named_owners_is_followed(
        self, github_server: GitHubServer, settings: Settings
    ) -> None:
        settings.GITHUB_TOKEN_OWNERS = frozenset({"octo", "club"})
        entry = follow(github_server)
        github_server.rename("octo/hello", "Club/hello").private = True

        assert run(server=github_server).is_clean
        entry.refresh_from_db()
        assert entry.full_name == "Club/hello"
        assert stored(entry)

    def test_credentials_without_a_token_github_is_not_asked(
        self, github_server: GitHubServer, settings: Settings
    ) -> None:
        settings.GITHUB_TOKEN = ""
        entry = follow(github_server)

        assert run(server=github_server).failed == 1
        entry.refresh_from_db()
        assert "POST /api/users/github" in entry.last_error
        assert github_server.received == []

    def test_a_token_that_no_key_decrypts_is_an_error_of_its_own(
        self, github_server: GitHubServer, settings: Settings
    ) -> None:
        entry = follow(github_server)
        store_github_credential(user=entry.user, token=OWN_TOKEN, now=NOW)
        settings.CREDENTIAL_KEYS = ["another key, of at least thirty-two bytes"]

        assert run(server=github_server).failed == 1
        entry.refresh_from_db()
        assert "decrypted" in entry.last_error

    def test_a_new_encryption_key_put_first_leaves_tokens_readable(
        self, github_server: GitHubServer, settings: Settings
    ) -> None:
        entry = follow(github_server)
        store_github_credential(user=entry.user, token=OWN_TOKEN, now=NOW)
        settings.CREDENTIAL_KEYS = [
            "another key, of at least thirty-two bytes",
            *settings.CREDENTIAL_KEYS,
        ]

        assert run(server=github_server).is_clean

    @pytest.mark.parametrize("fault", ["401", "primary limit", "429 with Retry-After"])
    def test_a_rejected_token_is_not_used_after_two_rejections(
        self, fault: str, github_server: GitHubServer
    ) -> None:
        for n in range(10):
            follow(github_server, f"octo/r{n}")
        github_server.fault = FAULTS[fault]

        summary = run(server=github_server)

        assert len(github_server.received) == 2
        assert summary.failed + summary.deferred == 10
        assert not TrackedRepository.objects.filter(last_error="").exists()

    def test_a_rejected_token_does_not_stop_another_one(self, github_server: GitHubServer) -> None:
        for n in range(3):
            follow(github_server, f"octo/r{n}")
        mine = follow(github_server)
        store_github_credential(user=mine.user, token=OWN_TOKEN, now=NOW)

        def refusing(handler: Handler) -> bool:
            is_servers = SERVER_TOKEN in handler.headers["Authorization"]
            return is_servers and limited(429, Retry_After="3600")(handler)

        github_server.fault = refusing

        summary = run(server=github_server)

        assert (summary.fetched, summary.deferred) == (1, 3)
        assert stored(mine)

    def test_inactive_users_are_not_served(self, github_server: GitHubServer) -> None:
        follow(github_server, user=UserFactory.create(is_active=False))

        assert run(server=github_server).requests == 0
