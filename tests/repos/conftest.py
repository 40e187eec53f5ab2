"""Fixtures of the tests of repository traffic."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import hypothesis
import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from repos.services.tokens import issue_api_token
from tests.factories import UserFactory
from tests.repos.github_server import GitHubServer
from users.models import User

SERVER_TOKEN = "ghp_serverTokenThatNobodyMaySee0123456789"
# How fast examples come says more about the machine than about the code.
hypothesis.settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")

TokenApi = Callable[[User], APIClient]


@pytest.fixture
def token_api() -> TokenApi:
    """`token_api(user)` is a client with an API token of `user`."""

    def client_of(user: User) -> APIClient:
        client = APIClient()
        client.raise_request_exception = False
        client.credentials(
            HTTP_X_API_TOKEN=issue_api_token(user=user, now=datetime(2026, 3, 1, tzinfo=UTC))
        )
        return client

    return client_of


@pytest.fixture
def user(db: None) -> User:
    return UserFactory.create()


@pytest.fixture
def client(user: User, token_api: TokenApi) -> APIClient:
    return token_api(user)


@pytest.fixture
def github_server(settings: Settings) -> Iterator[GitHubServer]:
    """GitHub, for the fetcher: on loopback, with the server's own token."""
    with GitHubServer().running() as server:
        settings.GITHUB_API_URL = server.url
        settings.GITHUB_TOKEN = SERVER_TOKEN
        settings.GITHUB_TOKEN_OWNERS = frozenset()
        yield server
