"""The client against a real server that misbehaves in every way we could think of."""

import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from repos.github import (
    BadCredentials,
    FetchResult,
    HttpClient,
    RateLimited,
    RepositoryArchived,
    RepositoryClient,
    RepositoryFailed,
    RepositoryRef,
    RepositoryReplaced,
    RetryPolicy,
    Unreachable,
)
from repos.github_urls import RepositoryName
from repos.traffic.merging import Count
from tests.repos.fault_injection import FAULTS, answering, dripping, limited, redirecting, reset
from tests.repos.github_server import FakeRelease, Fault, GitHubServer, Handler, Traffic

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
TOKEN = "ghp_thisMustNeverBeSeenAnywhere0123456789"
NAME = RepositoryName("octo", "hello")
IMPATIENT = RetryPolicy(
    connect_seconds=1,
    silence_seconds=1,
    request_seconds=1,
    job_seconds=3,
    pause_seconds=0.01,
)
# Where nothing has to succeed.
MOST_IMPATIENT = replace(
    IMPATIENT, connect_seconds=0.3, silence_seconds=0.3, request_seconds=0.3, job_seconds=0.9
)


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    with GitHubServer(now=lambda: NOW).running() as server:
        repository = server.add("octo/hello", github_id=42)
        for n in range(20):
            repository.traffic[TODAY - timedelta(days=n)] = Traffic(100 + n, 50, 20, 10)
        repository.referrers = [{"referrer": "Google", "count": 4, "uniques": 3}]
        repository.paths = [{"path": "/octo/hello", "title": "Hi", "count": 2, "uniques": 1}]
        yield server


@pytest.fixture
def sleeps() -> list[float]:
    return []


@pytest.fixture
def policy() -> RetryPolicy:
    return IMPATIENT


@pytest.fixture
def github(server: GitHubServer, sleeps: list[float], policy: RetryPolicy) -> Iterator[HttpClient]:
    client = HttpClient(
        token=TOKEN,
        base_url=server.url,
        clock=lambda: NOW,
        policy=policy,
        sleep=sleeps.append,
    )
    yield client
    client.close()


def fetch(github: HttpClient, ref: RepositoryRef) -> FetchResult:
    return RepositoryClient(github, ref).fetch()


def first(times: int, fault: Fault) -> Fault:
    """`fault` for the first calls only."""
    left = [times]

    def sometimes(handler: Handler) -> bool:
        left[0] -= 1
        return left[0] >= 0 and fault(handler)

    return sometimes


def assert_everything_arrived(fetched: FetchResult) -> None:
    assert fetched.problem is None
    assert fetched.views is not None
    assert fetched.views.value is not None
    assert fetched.views.value.days[TODAY - timedelta(days=3)] == Count(103, 50)


class TestReading:
    def test_reading_reads_all_that_github_says(self, github: HttpClient) -> None:
        fetched = fetch(github, RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert fetched.clones is not None
        assert fetched.clones.value is not None
        assert fetched.clones.value.days[TODAY - timedelta(days=3)] == Count(20, 10)
        assert fetched.referrers is not None
        assert fetched.referrers.value is not None
        assert [one.referrer for one in fetched.referrers.value] == ["Google"]
        assert fetched.paths is not None
        assert fetched.paths.value is not None
        assert [one.title for one in fetched.paths.value] == ["Hi"]
        assert fetched.facts is not None
        assert fetched.facts.value is not None
        facts = fetched.facts.value
        assert (facts.stars, facts.forks, fetched.github_id) == (7, 3, 42)
        assert (facts.watchers, facts.open_issues, facts.is_archived) == (5, 2, False)

    def test_reading_sends_the_credential_and_the_version_on_one_connection(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        fetch(github, RepositoryRef(NAME))

        assert len(server.received) == github.request_count == 8
        for request in server.received:
            assert request.headers["Authorization"] == f"Bearer {TOKEN}"
            assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
            assert request.headers["User-Agent"] == "Foyer"
            assert request.headers["Accept-Encoding"] == "gzip"

    def test_reading_neither_netrc_nor_a_proxy_gets_between(
        self,
        github: HttpClient,
        server: GitHubServer,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login thief password stolen\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.2:9")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.2:9")

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))
        assert server.received[0].headers["Authorization"] == f"Bearer {TOKEN}"

    def test_reading_reads_compressed_answers(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        def compressed(handler: Handler) -> bool:
            repository, endpoint = handler.github.find(handler.path)
            if repository is None or endpoint != "/traffic/views":
                return False
            body = gzip.compress(json.dumps(repository.window("views", NOW)).encode())
            handler.send_bytes(200, body, Content_Encoding="gzip")
            return True

        server.fault = compressed

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))

    def test_reading_asks_again_only_for_what_changed(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        before = fetch(github, RepositoryRef(NAME))
        assert before.views is not None
        assert before.clones is not None
        server.repositories["octo/hello"].traffic[TODAY - timedelta(days=1)] = Traffic(1, 1, 20, 10)

        after = fetch(
            github, RepositoryRef(NAME, etags={**before.views.etags, **before.clones.etags})
        )

        assert after.views is not None
        assert after.views.value is not None
        assert after.clones is not None
        assert after.clones.value is None
        assert after.problem is None

    def test_reading_works_below_a_path_as_github_enterprise_does(
        self, server: GitHubServer
    ) -> None:
        github = HttpClient(token=TOKEN, base_url=server.url + "/api/v3/", clock=lambda: NOW)

        fetch(github, RepositoryRef(NAME))

        assert server.paths[0] == "/api/v3/repos/octo/hello"

    def test_a_server_without_repository_facts_still_has_traffic(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        def without_facts(handler: Handler) -> bool:
            return handler.path == "/repos/octo/hello" and answering(404)(handler)

        server.fault = without_facts

        fetched = fetch(github, RepositoryRef(NAME, may_be_private=False))

        assert_everything_arrived(fetched)
        assert fetched.facts is None


class TestFaults:
    @pytest.mark.parametrize("policy", [MOST_IMPATIENT], ids=[""])
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    def test_nothing_is_believed_and_the_credential_stays_here(
        self, fault: Fault, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = fault
        started = time.monotonic()

        fetched = fetch(github, RepositoryRef(NAME))

        assert time.monotonic() - started < 8
        assert fetched.problem is not None
        assert fetched.views is None
        assert TOKEN not in repr(fetched.problem)
        assert 20 < len(fetched.problem.message) < 500

    def test_no_redirect_takes_the_credential_to_another_server(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        with GitHubServer(now=lambda: NOW).running() as other:
            other.add("octo/hello", github_id=42)
            for status in (301, 302, 303, 307, 308):
                server.fault = redirecting(status, other.url + "{path}")

                assert isinstance(fetch(github, RepositoryRef(NAME)).problem, RepositoryFailed)

            assert other.received == []

    def test_what_was_read_before_the_fault_is_kept(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = lambda handler: handler.path.endswith("/paths") and answering(500)(handler)

        fetched = fetch(github, RepositoryRef(NAME))

        assert isinstance(fetched.problem, Unreachable)
        assert fetched.clones is not None
        assert fetched.referrers is not None
        assert fetched.paths is None

    def test_a_202_that_stays_is_left_to_the_next_run(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = FAULTS["202"]

        problem = fetch(github, RepositoryRef(NAME)).problem

        assert isinstance(problem, Unreachable)
        assert "the next run tries again" in problem.message

    @pytest.mark.parametrize("name", ["202", "500", "503", "reset", "truncated", "no HTTP"])
    def test_a_passing_fault_is_tried_again(
        self, name: str, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = first(1, FAULTS[name])

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))

    @pytest.mark.parametrize(
        ("message", "repair"),
        [
            ("Must have push access to repository", "push access"),
            ("Resource not accessible by personal access token", "Administration: read"),
            ("Resource not accessible by integration", "GitHub App"),
            ("Although you appear to have the right, an IP allow list is on", "IP allow list"),
            (
                (
                    "The 'octo' organization forbids access via a fine-grained personal access"
                    " tokens if the token's lifetime is greater than 366 days. Please adjust your"
                    " token's lifetime at the following URL: https://github.com/settings/…"
                ),
                "earlier expiration date",
            ),
            (
                (
                    "`octo` forbids access via a personal access token (classic). Please use a"
                    " GitHub App, OAuth App, or a personal access token with"
                    " fine-grained permissions."
                ),
                "Make a fine-grained token",
            ),
            (
                (
                    "`octo` forbids access via a personal access token with fine-grained"
                    " permissions. Please use a GitHub App, or an OAuth App."
                ),
                "this kind of token",
            ),
            (
                "Upgrade to GitHub Pro or make this repository public to enable this feature.",
                "Upgrade the plan",
            ),
            (
                (
                    "Resource protected by organization SAML enforcement. You must grant your"
                    " Personal Access token access to this organization."
                ),
                "SAML single sign-on",
            ),
            ("Sorry. Your account was suspended.", "suspended"),
            ("Repository access blocked", "blocked"),
            ("A reason that GitHub invents tomorrow", "unknown to Foyer"),
        ],
    )
    def test_each_missing_permission_has_its_own_repair(
        self, message: str, repair: str, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = answering(403, {"message": message})

        problem = fetch(github, RepositoryRef(NAME)).problem

        assert isinstance(problem, RepositoryFailed)
        assert repair in problem.message

    def test_401_is_about_the_credential(self, github: HttpClient, server: GitHubServer) -> None:
        server.fault = FAULTS["401"]

        assert isinstance(fetch(github, RepositoryRef(NAME)).problem, BadCredentials)
        assert len(server.received) == 1


class TestLimits:
    def test_limits_waits_as_long_as_github_says_and_goes_on(
        self, github: HttpClient, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = first(1, limited(429, Retry_After="7"))

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))
        assert sleeps == [7]

    def test_limits_waits_for_the_reset_of_the_primary_limit(
        self, github: HttpClient, server: GitHubServer, sleeps: list[float]
    ) -> None:
        reset = str(int(NOW.timestamp()) + 30)
        server.fault = first(
            1, limited(403, "rate limit", X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
        )

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))
        assert sleeps == [31]

    def test_limits_waits_a_minute_for_an_unspecified_secondary_limit(
        self, github: HttpClient, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = first(1, FAULTS["secondary limit"])

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))
        assert sleeps == [60]

    def test_limits_waits_a_minute_at_most_in_all(
        self, github: HttpClient, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = limited(429, Retry_After="25")

        assert isinstance(fetch(github, RepositoryRef(NAME)).problem, RateLimited)
        assert isinstance(fetch(github, RepositoryRef(NAME)).problem, RateLimited)
        assert sum(sleeps) <= 60

    def test_a_limit_of_an_hour_is_left_to_the_next_run(
        self, github: HttpClient, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = FAULTS["429 with Retry-After"]

        problem = fetch(github, RepositoryRef(NAME)).problem

        assert isinstance(problem, RateLimited)
        assert "2026-03-20 13:00 UTC" in problem.message
        assert sleeps == []
        assert len(server.received) == 1

    @pytest.mark.parametrize("retry_after", ["7", "Fri, 20 Mar 2026 12:00:07 GMT"])
    def test_a_fault_that_says_when_to_come_back_is_left_alone_until_then(
        self, retry_after: str, github: HttpClient, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = first(1, answering(503, Retry_After=retry_after))

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))
        assert sleeps == [7]

    def test_a_fault_of_hours_is_left_to_the_next_run(
        self, github: HttpClient, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = FAULTS["503 with Retry-After"]

        problem = fetch(github, RepositoryRef(NAME)).problem

        assert problem is not None
        assert "until 2026-03-20 14:00 UTC" in problem.message
        assert sleeps == []
        assert len(server.received) == 1

    def test_the_last_allowed_call_is_known_to_be_the_last(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        reset = str(int(NOW.timestamp()) + 3000)

        def last_one(handler: Handler) -> bool:
            handler.send_json(200, {"id": 42}, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
            return True

        server.fault = last_one

        assert isinstance(fetch(github, RepositoryRef(NAME)).problem, RateLimited)
        assert len(server.received) == 1


class TestRename:
    def moved(self, server: GitHubServer) -> None:
        repository = server.repositories.pop("octo/hello")
        repository.full_name = "octo/new-name"
        server.repositories["octo/new-name"] = repository

        def permanently(handler: Handler) -> bool:
            path = handler.path
            if not path.startswith("/repos/octo/hello"):
                return False
            there = path.replace("/repos/octo/hello", "/repositories/42")
            return redirecting(301, "{url}" + there)(handler)

        server.fault = permanently

    def test_a_rename_is_followed_by_the_numeric_id(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        self.moved(server)

        fetched = fetch(github, RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert fetched.github_id == 42
        assert fetched.facts is not None
        assert fetched.facts.value is not None
        assert fetched.facts.value.name == RepositoryName("octo", "new-name")
        assert server.paths[2:] == [
            "/repositories/42/traffic/views",
            "/repositories/42/traffic/clones",
            "/repositories/42/traffic/views?per=week",
            "/repositories/42/traffic/clones?per=week",
            "/repositories/42/traffic/popular/referrers",
            "/repositories/42/traffic/popular/paths",
            "/repositories/42/releases?per_page=100&page=1",
        ]

    def test_a_stranger_under_the_old_name_is_not_taken_for_the_repository(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        self.moved(server)
        server.fault = None
        server.add("octo/hello", github_id=666, traffic={TODAY: Traffic(10**6, 1, 1, 1)})

        fetched = fetch(github, RepositoryRef(NAME, github_id=42))

        assert_everything_arrived(fetched)
        assert fetched.github_id == 42

    def test_the_id_leads_on_when_the_old_name_is_gone(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        self.moved(server)
        server.fault = None

        assert_everything_arrived(fetch(github, RepositoryRef(NAME, github_id=42)))

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_every_redirect_is_followed_whatever_its_body(
        self, status: int, github: HttpClient, server: GitHubServer
    ) -> None:
        server.rename("octo/hello", "octo/new-name")
        bodies = [b"", b"{}", b"x" * 200_000]

        def moved(handler: Handler) -> bool:
            place = server.moved_to(handler.path.partition("?")[0])
            if place is None:
                return False
            handler.send_bytes(status, bodies[len(server.received) % 3], Location=place)
            return True

        server.fault = moved

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))

    def test_an_endless_body_of_a_redirect_is_not_read(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.rename("octo/hello", "octo/new-name")

        def moved(handler: Handler) -> bool:
            place = server.moved_to(handler.path.partition("?")[0])
            if place is None:
                return False
            head = f"HTTP/1.1 301 Moved Permanently\r\nLocation: {place}\r\n\r\n"
            return dripping(b"x" * 1000, after=head.encode(), seconds=0.01)(handler)

        server.fault = moved

        # Whoever reads it runs out of time, and nothing arrives.
        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))

    def test_a_redirect_without_the_query_still_asks_for_weeks(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.rename("octo/hello", "octo/new-name")

        def temporarily(handler: Handler) -> bool:
            place = server.moved_to(handler.path.partition("?")[0])
            if place is not None:
                handler.send_redirect(307, place)
            return place is not None

        server.fault = temporarily

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))
        assert "/repositories/42/traffic/views?per=week" in server.paths

    def test_another_repository_under_the_name_is_never_merged(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        fetched = fetch(github, RepositoryRef(NAME, github_id=7))

        assert isinstance(fetched.problem, RepositoryReplaced)
        assert "another repository" in fetched.problem.message
        assert fetched.views is None
        assert not any("traffic" in path for path in server.paths)

    @pytest.mark.parametrize("fault", ["503", "403 unexplained", "garbage"])
    def test_a_passing_fault_closes_no_history(
        self, fault: str, github: HttpClient, server: GitHubServer
    ) -> None:
        """The name is another repository's; of the one that is followed nothing is known now."""
        server.fault = lambda handler: handler.path == "/repositories/7" and FAULTS[fault](handler)

        problem = fetch(github, RepositoryRef(NAME, github_id=7)).problem

        assert problem is not None
        assert not isinstance(problem, RepositoryReplaced)

    def test_a_redirect_to_another_repository_is_never_merged(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.add("octo/other", github_id=43, traffic={TODAY: Traffic(10**6, 1, 1, 1)})
        server.fault = lambda handler: (
            handler.path.startswith("/repos/octo/hello/traffic/clones")
            and redirecting(301, "{url}/repositories/43/traffic/clones")(handler)
        )

        fetched = fetch(github, RepositoryRef(NAME, github_id=42))

        assert isinstance(fetched.problem, RepositoryReplaced)
        assert fetched.clones is None

    @pytest.mark.parametrize(("status", "known_id"), [(301, None), (307, None), (307, 42)])
    def test_a_redirect_between_two_calls_leads_to_no_other_repository_either(
        self, status: int, known_id: int | None, github: HttpClient, server: GitHubServer
    ) -> None:
        server.add("octo/other", github_id=43, traffic={TODAY: Traffic(10**6, 1, 1, 1)})
        server.fault = lambda handler: (
            handler.path.startswith("/repos/octo/hello/traffic/views")
            and redirecting(status, "{url}/repositories/43/traffic/views")(handler)
        )

        fetched = fetch(github, RepositoryRef(NAME, github_id=known_id))

        assert isinstance(fetched.problem, RepositoryFailed)
        assert fetched.views is None

    @pytest.mark.parametrize("has_facts", [False, True])
    def test_a_temporary_redirect_tells_no_id(
        self, has_facts: bool, github: HttpClient, server: GitHubServer
    ) -> None:
        def elsewhere(handler: Handler) -> bool:
            below = handler.path.removeprefix("/repos/octo/hello")
            if not below and not has_facts:
                return answering(404)(handler)
            return below != handler.path and redirecting(307, "{url}/repositories/42" + below)(
                handler
            )

        server.fault = elsewhere

        fetched = fetch(github, RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert (fetched.github_id, fetched.has_moved) == (None, False)

    def test_rename_without_facts_a_repository_with_a_known_id_is_not_asked_about(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = lambda handler: (
            handler.path == "/repos/octo/hello" and answering(500)(handler)
        )

        fetched = fetch(github, RepositoryRef(NAME, github_id=42))

        assert isinstance(fetched.problem, Unreachable)
        assert fetched.views is None


class TestArchived:
    def test_an_archived_repository_still_has_facts_and_releases(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        repository = server.repositories["octo/hello"]
        repository.archived = True
        repository.releases = [FakeRelease(1, "v1", {11: 5})]

        fetched = fetch(github, RepositoryRef(NAME))

        assert isinstance(fetched.problem, RepositoryArchived)
        assert "archived" in fetched.problem.message
        assert fetched.facts is not None
        assert fetched.facts.value is not None
        assert fetched.facts.value.is_archived
        assert fetched.releases is not None
        assert fetched.releases.value is not None
        assert fetched.releases.value[0].downloads == 5


class TestClock:
    @pytest.mark.parametrize("wrong_by", [timedelta(days=1), -timedelta(days=1), timedelta(0)])
    def test_now_is_githubs(self, wrong_by: timedelta, server: GitHubServer) -> None:
        github = HttpClient(token=TOKEN, base_url=server.url, clock=lambda: NOW + wrong_by)

        fetched = fetch(github, RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert fetched.requested_at == NOW
        assert github.clock_offset == -wrong_by

    def test_now_is_githubs_when_only_traffic_responds(self, server: GitHubServer) -> None:
        server.fault = lambda handler: handler.path == "/repos/octo/hello" and reset(handler)
        github = HttpClient(
            token=TOKEN,
            base_url=server.url,
            clock=lambda: NOW + timedelta(days=1),
            policy=IMPATIENT,
            sleep=lambda seconds: None,
        )

        fetched = fetch(github, RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert fetched.requested_at == NOW

    def test_now_is_githubs_when_everything_fails(self, server: GitHubServer) -> None:
        server.fault = answering(500)
        github = HttpClient(
            token=TOKEN,
            base_url=server.url,
            clock=lambda: NOW + timedelta(days=1),
            policy=IMPATIENT,
            sleep=lambda seconds: None,
        )

        assert fetch(github, RepositoryRef(NAME)).requested_at == NOW

    @pytest.mark.parametrize(
        "date",
        [
            "",
            "yesterday",
            "Fri, 32 Foo 2026 00:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ],
    )
    def test_clock_without_a_usable_date_the_machine_knows_the_time(
        self, date: str, github: HttpClient, server: GitHubServer
    ) -> None:
        def undated(handler: Handler) -> bool:
            body = b'{"id": 42, "full_name": "octo/hello"}'
            if handler.path == "/repos/octo/hello":
                handler.send_bytes(200, body, Date=date)
            return handler.path == "/repos/octo/hello"

        server.fault = undated

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))

    @pytest.mark.parametrize(
        ("header", "expiry"),
        [
            ("2026-04-01 08:15:54 UTC", datetime(2026, 4, 1, 8, 15, 54, tzinfo=UTC)),
            ("2026-04-01 08:15:54 +0500", datetime(2026, 4, 1, 3, 15, 54, tzinfo=UTC)),
            ("", None),
            ("next week", None),
            ("0001-01-01 00:00:00 +1400", None),
            # A fault of GitHub: the present time for some tokens.
            ("2026-03-20 12:00:00 UTC", None),
        ],
    )
    def test_clock_knows_when_the_token_expires(
        self, header: str, expiry: datetime | None, github: HttpClient, server: GitHubServer
    ) -> None:
        server.headers["GitHub-Authentication-Token-Expiration"] = header

        fetch(github, RepositoryRef(NAME))

        assert github.credential_expires_at == expiry


class TestWeeks:
    def test_weekly_figures_are_githubs_own(self, github: HttpClient, server: GitHubServer) -> None:
        fetched = fetch(github, RepositoryRef(NAME))

        assert fetched.weekly_views is not None
        assert fetched.weekly_views.value is not None
        assert [week.isoformat() for week in fetched.weekly_views.value] == [
            "2026-03-02",
            "2026-03-09",
            "2026-03-16",
        ]
        # Not seven times the daily visitors.
        assert fetched.weekly_views.value[date(2026, 3, 9)].uniques == 50

    def test_days_are_not_taken_for_weeks(self, github: HttpClient, server: GitHubServer) -> None:
        def deaf(handler: Handler) -> bool:
            repository, endpoint = server.find(handler.path.partition("?")[0])
            if repository is None or "per=week" not in handler.path:
                return False
            metric = endpoint.rpartition("/")[2]
            handler.send_json(200, repository.window(metric, NOW))
            return True

        server.fault = deaf

        fetched = fetch(github, RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert fetched.weekly_views is not None
        assert fetched.weekly_views.value == {}


class TestReleases:
    def test_all_pages_of_releases_and_assets_are_read(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.page_size = 30
        releases = [FakeRelease(n, f"v{n}", {n * 1000: n}) for n in range(1, 65)]
        releases[40].assets = {500_000 + n: 1 for n in range(95)}
        server.repositories["octo/hello"].releases = releases

        fetched = fetch(github, RepositoryRef(NAME))

        assert fetched.releases is not None
        assert fetched.releases.value is not None
        assert [one.github_id for one in fetched.releases.value] == list(range(1, 65))
        assert fetched.releases.value[40].downloads == 95
        assert len([path for path in server.paths if "/releases" in path]) == 3 + 4

    def test_drafts_are_no_releases(self, github: HttpClient, server: GitHubServer) -> None:
        server.repositories["octo/hello"].releases = [
            FakeRelease(1, "v1", {11: 5}, draft=True, published_at=None)
        ]

        fetched = fetch(github, RepositoryRef(NAME))

        assert fetched.releases is not None
        assert fetched.releases.value == ()

    def test_unchanged_pages_are_not_read_again(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.page_size = 2
        repository = server.repositories["octo/hello"]
        repository.releases = [FakeRelease(n, f"v{n}", {n * 1000: n}) for n in range(1, 6)]
        before = fetch(github, RepositoryRef(NAME)).releases
        assert before is not None

        unchanged = fetch(github, RepositoryRef(NAME, etags=before.etags)).releases
        repository.releases[4].assets[5000] += 10
        changed = fetch(github, RepositoryRef(NAME, etags=before.etags)).releases

        assert unchanged is not None
        assert unchanged.value is None
        assert unchanged.etags == before.etags
        assert changed is not None
        assert changed.value is not None
        assert [one.downloads for one in changed.value] == [1, 2, 3, 4, 15]

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_token_without_access_to_them_still_reads_traffic(
        self, status: int, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = lambda handler: "/releases" in handler.path and answering(status)(handler)

        fetched = fetch(github, RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert fetched.releases is None
        assert "Contents: read" in fetched.notice


class TestPrivateRepositories:
    def test_the_shared_credential_does_not_open_private_repositories(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.repositories["octo/hello"].private = True

        fetched = fetch(github, RepositoryRef(NAME, may_be_private=False))

        assert isinstance(fetched.problem, RepositoryFailed)
        assert "private" in fetched.problem.message
        assert server.paths == ["/repos/octo/hello"]

    @pytest.mark.parametrize("known_id", [None, 42, 7])
    def test_the_shared_credential_does_not_tell_that_a_private_repository_exists(
        self, known_id: int | None, github: HttpClient, server: GitHubServer
    ) -> None:
        server.repositories["octo/hello"].private = True
        private = fetch(github, RepositoryRef(NAME, github_id=known_id, may_be_private=False))
        del server.repositories["octo/hello"]
        missing = fetch(github, RepositoryRef(NAME, github_id=known_id, may_be_private=False))

        assert isinstance(private.problem, RepositoryFailed)
        assert isinstance(missing.problem, RepositoryFailed)
        assert private.problem.message == missing.problem.message
        assert "POST /api/users/github" in private.problem.message
        assert private.github_id == missing.github_id == known_id

    def test_the_shared_credential_does_not_open_what_github_does_not_call_public(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = lambda handler: (
            handler.path == "/repos/octo/hello" and answering(500)(handler)
        )

        fetched = fetch(github, RepositoryRef(NAME, may_be_private=False))

        assert isinstance(fetched.problem, Unreachable)
        assert not any("traffic" in path for path in server.paths)

    def test_a_missing_permission_is_named_for_the_shared_credential_too(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.fault = FAULTS["403 fine-grained"]

        problem = fetch(github, RepositoryRef(NAME, may_be_private=False)).problem

        assert problem is not None
        assert "Administration: read" in problem.message

    def test_the_users_own_credential_opens_private_repositories(
        self, github: HttpClient, server: GitHubServer
    ) -> None:
        server.repositories["octo/hello"].private = True

        assert_everything_arrived(fetch(github, RepositoryRef(NAME)))


def test_the_clipped_day_and_midnight_are_inside_the_window(server: GitHubServer) -> None:
    just_before = datetime(2026, 3, 20, 23, 59, 58, tzinfo=UTC)
    server.now = lambda: just_before + timedelta(minutes=1)
    repository = server.repositories["octo/hello"]
    repository.traffic[date(2026, 3, 21)] = Traffic(1_000_000, 1, 1, 1)
    github = HttpClient(token=TOKEN, base_url=server.url, clock=lambda: just_before)

    fetched = fetch(github, RepositoryRef(NAME))

    assert fetched.problem is None
    assert fetched.views is not None
    assert fetched.views.value is not None
    assert date(2026, 3, 21) in fetched.views.value.days
