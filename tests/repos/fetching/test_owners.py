"""Following everything that an owner on GitHub has."""

from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from repos import selectors
from repos.credentials.services import store_github_credential
from repos.fetching.owners import OwnerSummary, read_owners
from repos.models import FollowedOwner, TrackedRepository, UnfollowedRepository
from tests.factories import UserFactory
from tests.repos.fault_injection import FAULTS, answering
from tests.repos.fetching.running import IMPATIENT, NOW
from tests.repos.github_server import FakeRepository, GitHubServer
from users.models import User

pytestmark = pytest.mark.django_db

URL = "https://github.com/Octo"


@pytest.fixture
def own_token(user: User) -> None:
    store_github_credential(user=user, token="ghp_own", now=NOW)


@pytest.fixture
def server(github_server: GitHubServer) -> GitHubServer:
    github_server.organizations.add("octo")
    github_server.add("octo/one")
    github_server.add("octo/two")
    github_server.add("else/three")
    return github_server


def owner_of(user: User, **fields: Any) -> FollowedOwner:
    return FollowedOwner.objects.create(
        user=user, login="octo", key="octo", created_at=NOW, **fields
    )


def read(now: datetime = NOW) -> OwnerSummary:
    return read_owners(selectors.owners_to_read(), clock=lambda: now, policy=IMPATIENT)


def names(user: User) -> list[str]:
    return sorted(user.repositories.values_list("key", flat=True))


def renamed_to_squid(handler: Any) -> bool:
    """The organization octo has another name now."""
    path = handler.path.partition("?")[0]
    if path == "/orgs/octo/repos":
        handler.send_redirect(301, f"{handler.github.url}/organizations/77/repos")
    elif path == "/organizations/77/repos":
        handler.send_page([FakeRepository("Squid/moved", 900).body()])
    else:
        return False
    return True


class TestLists:
    @pytest.mark.usefixtures("own_token")
    def test_what_may_be_pushed_to_is_followed_archived_too_and_forks_only_on_demand(
        self, user: User, server: GitHubServer
    ) -> None:
        server.add("octo/read-only", can_push=False)
        server.add("octo/old", archived=True)
        server.add("octo/fork", fork=True)
        server.add("octo/secret", private=True)
        owner = owner_of(user)

        assert read().failures == []
        assert names(user) == ["octo/old", "octo/one", "octo/secret", "octo/two"]

        owner.forks = True
        owner.save()
        read()
        assert "octo/fork" in names(user)

    @pytest.mark.usefixtures("own_token")
    def test_new_ones_are_followed_from_the_next_run_on_and_none_twice(
        self, user: User, server: GitHubServer
    ) -> None:
        owner_of(user)
        assert len(read().added) == 2
        server.add("octo/new")
        # Renamed on GitHub, and not fetched since.
        server.rename("octo/one", "octo/first")

        assert len(read().added) == 1
        assert names(user) == ["octo/new", "octo/one", "octo/two"]

    @pytest.mark.usefixtures("own_token")
    def test_all_pages_are_read(self, user: User, server: GitHubServer) -> None:
        server.page_size = 30
        for n in range(95):
            server.add(f"octo/r{n}")
        owner_of(user)

        assert len(read().added) == 97

    @pytest.mark.usefixtures("own_token")
    def test_a_user_of_github_has_private_repositories_too(
        self, user: User, server: GitHubServer
    ) -> None:
        server.organizations.clear()
        server.users.add("octo")
        server.add("octo/secret", private=True)
        owner_of(user)

        read()

        assert names(user) == ["octo/one", "octo/secret", "octo/two"]

    @pytest.mark.parametrize(("owners", "found"), [(set(), 2), ({"octo"}, 3)])
    def test_the_servers_token_opens_private_ones_of_named_owners_only(
        self, owners: set[str], found: int, user: User, server: GitHubServer, settings: Settings
    ) -> None:
        settings.GITHUB_TOKEN_OWNERS = frozenset(owners)
        server.add("octo/secret", private=True)
        owner_of(user)

        read()

        assert len(names(user)) == found

    @pytest.mark.parametrize("fault", ["500", "401", "404", "garbage", "redirect to another host"])
    @pytest.mark.usefixtures("own_token")
    def test_a_list_that_cannot_be_read_changes_nothing_and_says_why(
        self, fault: str, user: User, server: GitHubServer
    ) -> None:
        owner = owner_of(user)
        read()
        server.fault = FAULTS[fault]

        summary = read()

        owner.refresh_from_db()
        assert [login for login, _ in summary.failures] == ["octo"]
        assert owner.last_error == summary.failures[0][1] != ""
        assert names(user) == ["octo/one", "octo/two"]

    @pytest.mark.usefixtures("own_token")
    def test_a_renamed_organization_is_followed(self, user: User, server: GitHubServer) -> None:
        owner = owner_of(user)
        server.fault = renamed_to_squid

        read()

        assert names(user) == ["squid/moved"]
        owner.refresh_from_db()
        assert owner.url == "https://github.com/Squid"

    def test_the_servers_token_does_not_list_who_is_not_named_after_a_rename(
        self, user: User, server: GitHubServer, settings: Settings
    ) -> None:
        settings.GITHUB_TOKEN_OWNERS = frozenset({"octo"})
        owner = owner_of(user)
        server.fault = renamed_to_squid

        read()

        assert names(user) == []
        owner.refresh_from_db()
        assert owner.url == "https://github.com/octo"
        assert "POST /api/users/github" in owner.last_error
        assert "squid" not in owner.last_error.lower()

    @pytest.mark.usefixtures("own_token")
    def test_one_list_serves_all_who_follow_with_one_credential(
        self, user: User, server: GitHubServer
    ) -> None:
        other = UserFactory.create()
        store_github_credential(user=other, token="ghp_own", now=NOW)
        owner_of(user)
        owner_of(other)

        assert read().requests == 1
        assert names(user) == names(other) == ["octo/one", "octo/two"]


class TestDeletedByHand:
    @pytest.mark.usefixtures("own_token")
    def test_deleted_by_hand_does_not_come_back_until_followed_again(
        self, user: User, client: APIClient, server: GitHubServer
    ) -> None:
        owner_of(user)
        read()
        repository = user.repositories.get(key="octo/one")
        assert client.post(f"/api/repos/{repository.uuid}/delete").status_code == 202
        server.rename("octo/one", "octo/renamed")

        read()
        assert names(user) == ["octo/two"]

        server.rename("octo/renamed", "octo/one")
        url = "https://github.com/octo/one"
        assert client.post("/api/repos/create", {"url": url}).status_code == 200
        assert not UnfollowedRepository.objects.exists()

    @pytest.mark.usefixtures("own_token")
    def test_deleted_by_hand_by_staff_neither(
        self, user: User, admin_client: Any, server: GitHubServer
    ) -> None:
        owner_of(user)
        read()
        repository = user.repositories.get(key="octo/one")
        admin_client.post(
            f"/admin/repos/trackedrepository/{repository.pk}/delete/", {"post": "yes"}
        )

        read()

        assert names(user) == ["octo/two"]


class TestApi:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("own_token")
    def test_a_followed_owner_is_read_and_fetched_at_once(
        self, user: User, client: APIClient, server: GitHubServer
    ) -> None:
        created = client.post("/api/owners/create", {"url": URL})

        assert created.status_code == 200
        (owner,) = client.get("/api/owners").json()
        assert owner["id"] == created.json()["id"]
        assert (owner["url"], owner["forks"], owner["last_error"]) == (URL, False, None)
        assert names(user) == ["octo/one", "octo/two"]
        assert not user.repositories.filter(last_fetched_at=None).exists()

    def test_api_once_per_user_whatever_the_case(
        self, client: APIClient, server: GitHubServer
    ) -> None:
        assert client.post("/api/owners/create", {"url": URL}).status_code == 200
        again = client.post("/api/owners/create", {"url": f" {URL.lower()}/ "})

        assert again.status_code == 400
        assert again.json()["errors"][0]["attr"] == "url"

    @pytest.mark.parametrize(
        "url",
        [
            "octo",
            "https://github.com",
            "https://github.com/octo/hello",
            "https://github.com/octo?tab=repositories",
            "https://github.com@evil.example/octo",
            "https://gitlab.com/octo",
            "https://github.com/oc\u200bto",
            "https://github.com/-octo",
            "",
        ],
    )
    def test_what_is_no_owner_is_rejected_with_the_right_form(
        self, url: str, client: APIClient
    ) -> None:
        answer = client.post("/api/owners/create", {"url": url})

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["attr"] == "url"

    @pytest.mark.usefixtures("own_token")
    def test_repositories_stay_when_the_owner_is_not_followed_any_more(
        self, user: User, client: APIClient, server: GitHubServer
    ) -> None:
        owner = owner_of(user)
        read()

        assert client.post(f"/api/owners/{owner.uuid}/delete").status_code == 202
        assert client.post(f"/api/owners/{owner.uuid}/delete").status_code == 400
        assert client.get("/api/owners").json() == []
        assert len(names(user)) == 2

    @pytest.mark.parametrize("owner_id", ["1", "x", "00000000-0000-0000-0000-000000000000"])
    def test_an_unknown_one_cannot_be_deleted(self, owner_id: str, client: APIClient) -> None:
        assert client.post(f"/api/owners/{owner_id}/delete").status_code == 400


class TestRuns:
    @pytest.fixture(autouse=True)
    def _own_lock(self, settings: Settings, tmp_path: Path) -> None:
        settings.DATA_DIR = tmp_path

    @pytest.fixture
    def command(self) -> Callable[..., str]:
        def run(*arguments: str) -> str:
            out = StringIO()
            call_command("fetch_traffic", *arguments, stdout=out, stderr=out)
            return out.getvalue()

        return run

    @pytest.mark.usefixtures("own_token")
    @pytest.mark.parametrize("arguments", [(), ("--user", "EMAIL")])
    def test_every_run_reads_the_lists_and_fetches_what_is_new(
        self,
        arguments: tuple[str, ...],
        user: User,
        server: GitHubServer,
        command: Callable[..., str],
    ) -> None:
        owner_of(user)

        said = command(*(str(user.email) if one == "EMAIL" else one for one in arguments))

        assert said.startswith("2 fetched, 0 failed, 0 left for the next run; 17 requests")

    @pytest.mark.usefixtures("own_token")
    def test_an_owner_that_fails_fails_the_run_and_nothing_else(
        self, user: User, server: GitHubServer, command: Callable[..., str]
    ) -> None:
        owner_of(user)
        TrackedRepository.objects.create(
            user=user, owner="else", name="three", key="else/three", created_at=NOW
        )
        server.fault = lambda handler: "/orgs/" in handler.path and answering(500)(handler)

        with pytest.raises(SystemExit):
            command()

        assert user.repositories.get().last_error == ""
