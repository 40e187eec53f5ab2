"""The client against a real server that misbehaves in every way we could think of."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from repos.github import (
    BadCredentials,
    Fetched,
    GitHub,
    RateLimited,
    RepositoryFailed,
    RepositoryRef,
    RetryPolicy,
    Unreachable,
)
from repos.github_urls import RepositoryName
from repos.traffic.merging import Count
from tests.repos.fault_injection import FAULTS, answering, limited, redirecting
from tests.repos.github_server import Fault, GitHubServer, Handler, Traffic

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
TOKEN = "ghp_thisMustNeverBeSeenAnywhere0123456789"
NAME = RepositoryName("octo", "hello")
IMPATIENT = RetryPolicy(
    connect_seconds=1,
    silence_seconds=1,
    call_seconds=1,
    repository_seconds=3,
    pause_seconds=0.01,
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
def github(server: GitHubServer, sleeps: list[float]) -> Iterator[GitHub]:
    client = GitHub(
        token=TOKEN,
        base_url=server.url,
        clock=lambda: NOW,
        patience=IMPATIENT,
        sleep=sleeps.append,
    )
    yield client
    client.close()


def first(times: int, fault: Fault) -> Fault:
    """`fault` for the first calls only."""
    left = [times]

    def sometimes(handler: Handler) -> bool:
        left[0] -= 1
        return left[0] >= 0 and fault(handler)

    return sometimes


def assert_everything_arrived(fetched: Fetched) -> None:
    assert fetched.problem is None
    assert fetched.views is not None
    assert fetched.views.value is not None
    assert fetched.views.value.days[TODAY - timedelta(days=3)] == Count(103, 50)


class TestReading:
    def test_reads_all_that_github_says(self, github: GitHub) -> None:
        fetched = github.fetch(RepositoryRef(NAME))

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
        assert (fetched.facts.stars, fetched.facts.forks, fetched.github_id) == (7, 3, 42)

    def test_sends_the_credential_and_the_version_on_one_connection(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        github.fetch(RepositoryRef(NAME))

        assert len(server.received) == github.request_count == 5
        for request in server.received:
            assert request.headers["Authorization"] == f"Bearer {TOKEN}"
            assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
            assert request.headers["User-Agent"] == "Foyer"
            assert request.headers["Accept-Encoding"] == "gzip"

    def test_neither_netrc_nor_a_proxy_gets_between(
        self,
        github: GitHub,
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

        assert_everything_arrived(github.fetch(RepositoryRef(NAME)))
        assert server.received[0].headers["Authorization"] == f"Bearer {TOKEN}"

    def test_reads_compressed_answers(self, github: GitHub, server: GitHubServer) -> None:
        def compressed(handler: Handler) -> bool:
            repository, endpoint = handler.github.find(handler.path)
            if repository is None or endpoint != "/traffic/views":
                return False
            body = gzip.compress(json.dumps(repository.window("views", NOW)).encode())
            handler.send_bytes(200, body, Content_Encoding="gzip")
            return True

        server.fault = compressed

        assert_everything_arrived(github.fetch(RepositoryRef(NAME)))

    def test_asks_again_only_for_what_changed(self, github: GitHub, server: GitHubServer) -> None:
        before = github.fetch(RepositoryRef(NAME))
        assert before.views is not None
        assert before.clones is not None
        server.repositories["octo/hello"].traffic[TODAY - timedelta(days=1)] = Traffic(1, 1, 20, 10)

        after = github.fetch(
            RepositoryRef(NAME, etags={"views": before.views.etag, "clones": before.clones.etag})
        )

        assert after.views is not None
        assert after.views.value is not None
        assert after.clones is not None
        assert after.clones.value is None
        assert after.problem is None

    def test_works_below_a_path_as_github_enterprise_does(self, server: GitHubServer) -> None:
        github = GitHub(token=TOKEN, base_url=server.url + "/api/v3/", clock=lambda: NOW)

        github.fetch(RepositoryRef(NAME))

        assert server.paths[0] == "/api/v3/repos/octo/hello"

    def test_a_server_without_repository_facts_still_has_traffic(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        def without_facts(handler: Handler) -> bool:
            return handler.path == "/repos/octo/hello" and answering(404)(handler)

        server.fault = without_facts

        fetched = github.fetch(RepositoryRef(NAME, may_be_private=False))

        assert_everything_arrived(fetched)
        assert fetched.facts is None


class TestFaults:
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    def test_nothing_is_believed_and_the_credential_stays_here(
        self, fault: Fault, github: GitHub, server: GitHubServer
    ) -> None:
        server.fault = fault
        started = time.monotonic()

        fetched = github.fetch(RepositoryRef(NAME))

        assert time.monotonic() - started < 8
        assert fetched.problem is not None
        assert fetched.views is None
        assert TOKEN not in repr(fetched.problem)
        assert 20 < len(fetched.problem.message) < 500

    def test_no_redirect_takes_the_credential_to_another_server(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        with GitHubServer(now=lambda: NOW).running() as other:
            other.add("octo/hello", github_id=42)
            for status in (301, 302, 303, 307, 308):
                server.fault = redirecting(status, other.url + "{path}")

                assert isinstance(github.fetch(RepositoryRef(NAME)).problem, RepositoryFailed)

            assert other.received == []

    def test_what_was_read_before_the_fault_is_kept(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        server.fault = lambda handler: handler.path.endswith("/paths") and answering(500)(handler)

        fetched = github.fetch(RepositoryRef(NAME))

        assert isinstance(fetched.problem, Unreachable)
        assert fetched.clones is not None
        assert fetched.referrers is not None
        assert fetched.paths is None

    @pytest.mark.parametrize("name", ["500", "503", "reset", "truncated", "no HTTP"])
    def test_a_passing_fault_is_tried_again(
        self, name: str, github: GitHub, server: GitHubServer
    ) -> None:
        server.fault = first(1, FAULTS[name])

        assert_everything_arrived(github.fetch(RepositoryRef(NAME)))

    @pytest.mark.parametrize(
        ("message", "repair"),
        [
            ("Must have push access to repository", "push access"),
            ("Resource not accessible by personal access token", "Administration: read"),
            ("Resource not accessible by integration", "GitHub App"),
            ("Although you appear to have the right, an IP allow list is on", "IP allow list"),
        ],
    )
    def test_each_missing_permission_has_its_own_repair(
        self, message: str, repair: str, github: GitHub, server: GitHubServer
    ) -> None:
        server.fault = answering(403, {"message": message})

        problem = github.fetch(RepositoryRef(NAME)).problem

        assert isinstance(problem, RepositoryFailed)
        assert repair in problem.message

    def test_401_is_about_the_credential(self, github: GitHub, server: GitHubServer) -> None:
        server.fault = FAULTS["401"]

        assert isinstance(github.fetch(RepositoryRef(NAME)).problem, BadCredentials)
        assert len(server.received) == 1


class TestLimits:
    def test_waits_as_long_as_github_says_and_goes_on(
        self, github: GitHub, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = first(1, limited(429, Retry_After="7"))

        assert_everything_arrived(github.fetch(RepositoryRef(NAME)))
        assert sleeps == [7]

    def test_waits_for_the_reset_of_the_primary_limit(
        self, github: GitHub, server: GitHubServer, sleeps: list[float]
    ) -> None:
        reset = str(int(NOW.timestamp()) + 30)
        server.fault = first(
            1, limited(403, "rate limit", X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
        )

        assert_everything_arrived(github.fetch(RepositoryRef(NAME)))
        assert sleeps == [31]

    def test_waits_a_minute_for_an_unspecified_secondary_limit(
        self, github: GitHub, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = first(1, FAULTS["secondary limit"])

        assert_everything_arrived(github.fetch(RepositoryRef(NAME)))
        assert sleeps == [60]

    def test_waits_a_minute_at_most_in_all(
        self, github: GitHub, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = limited(429, Retry_After="25")

        assert isinstance(github.fetch(RepositoryRef(NAME)).problem, RateLimited)
        assert isinstance(github.fetch(RepositoryRef(NAME)).problem, RateLimited)
        assert sum(sleeps) <= 60

    def test_does_not_wait_an_hour(
        self, github: GitHub, server: GitHubServer, sleeps: list[float]
    ) -> None:
        server.fault = FAULTS["429 with Retry-After"]

        problem = github.fetch(RepositoryRef(NAME)).problem

        assert isinstance(problem, RateLimited)
        assert "2026-03-20 13:00 UTC" in problem.message
        assert sleeps == []
        assert len(server.received) == 1

    def test_the_last_allowed_call_is_known_to_be_the_last(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        reset = str(int(NOW.timestamp()) + 3000)

        def last_one(handler: Handler) -> bool:
            handler.send_json(200, {"id": 42}, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
            return True

        server.fault = last_one

        assert isinstance(github.fetch(RepositoryRef(NAME)).problem, RateLimited)
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

    def test_is_followed_by_the_numeric_id(self, github: GitHub, server: GitHubServer) -> None:
        self.moved(server)

        fetched = github.fetch(RepositoryRef(NAME))

        assert_everything_arrived(fetched)
        assert fetched.github_id == 42
        assert fetched.facts is not None
        assert fetched.facts.name == RepositoryName("octo", "new-name")
        assert server.paths[2:] == [
            "/repositories/42/traffic/views",
            "/repositories/42/traffic/clones",
            "/repositories/42/traffic/popular/referrers",
            "/repositories/42/traffic/popular/paths",
        ]

    def test_a_stranger_under_the_old_name_is_not_taken_for_the_repository(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        self.moved(server)
        server.fault = None
        server.add("octo/hello", github_id=666, traffic={TODAY: Traffic(10**6, 1, 1, 1)})

        fetched = github.fetch(RepositoryRef(NAME, github_id=42))

        assert_everything_arrived(fetched)
        assert fetched.github_id == 42

    def test_the_id_leads_on_when_the_old_name_is_gone(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        self.moved(server)
        server.fault = None

        assert_everything_arrived(github.fetch(RepositoryRef(NAME, github_id=42)))

    def test_a_repository_made_anew_under_its_name_is_followed(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        fetched = github.fetch(RepositoryRef(NAME, github_id=7))

        assert_everything_arrived(fetched)
        assert fetched.github_id == 42


class TestPrivateRepositories:
    def test_the_shared_credential_does_not_open_them(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        server.repositories["octo/hello"].private = True

        fetched = github.fetch(RepositoryRef(NAME, may_be_private=False))

        assert isinstance(fetched.problem, RepositoryFailed)
        assert "private" in fetched.problem.message
        assert server.paths == ["/repos/octo/hello"]

    def test_nor_what_github_does_not_call_public(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        server.fault = lambda handler: (
            handler.path == "/repos/octo/hello" and answering(500)(handler)
        )

        fetched = github.fetch(RepositoryRef(NAME, may_be_private=False))

        assert isinstance(fetched.problem, Unreachable)
        assert not any("traffic" in path for path in server.paths)

    def test_a_missing_permission_is_still_called_one(
        self, github: GitHub, server: GitHubServer
    ) -> None:
        server.fault = FAULTS["403 fine-grained"]

        problem = github.fetch(RepositoryRef(NAME, may_be_private=False)).problem

        assert problem is not None
        assert "Administration: read" in problem.message

    def test_one_own_credential_does(self, github: GitHub, server: GitHubServer) -> None:
        server.repositories["octo/hello"].private = True

        assert_everything_arrived(github.fetch(RepositoryRef(NAME)))


def test_the_clipped_day_and_midnight_are_inside_the_window(server: GitHubServer) -> None:
    just_before = datetime(2026, 3, 20, 23, 59, 58, tzinfo=UTC)
    server.now = lambda: just_before + timedelta(minutes=1)
    repository = server.repositories["octo/hello"]
    repository.traffic[date(2026, 3, 21)] = Traffic(1_000_000, 1, 1, 1)
    github = GitHub(token=TOKEN, base_url=server.url, clock=lambda: just_before)

    fetched = github.fetch(RepositoryRef(NAME))

    assert fetched.problem is None
    assert fetched.views is not None
    assert fetched.views.value is not None
    assert date(2026, 3, 21) in fetched.views.value.days
