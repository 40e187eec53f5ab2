"""Fixtures of the whole suite."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings
from rest_framework.test import APIClient

from core.redis import flush_keys
from tests.described_client import DescribedClient
from tests.postgresql.servers import unfamiliar_locale
from tests.task_queue import empty_queue
from users.models import User
from users.sessions.cache import SessionCache, session_cache
from users.sessions.services import Device, open_session

ApiAs = Callable[[User], APIClient]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole folders of tests that `make test` leaves to `make test-system`."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here / "system") or item.path.is_relative_to(
            here / "postgresql"
        ):
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
) -> Iterator[None]:
    """On PostgreSQL, a locale that compares and folds text unlike SQLite."""
    with unfamiliar_locale():
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_by_deleting() -> Iterator[None]:
    """TRUNCATE makes new files for sixty tables, of which most are empty anyway, after each test
    that commits: two thirds of the time of such tests on PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "postgresql":
            patch.setattr(type(connection.ops), "sql_flush", _delete_from_all)
        yield


def _delete_from_all(_: object, style: object, tables: list[str], **options: object) -> list[str]:
    # Foreign keys are checked at the end of the transaction.
    return [f'DELETE FROM "{table}"' for table in tables]


@pytest.fixture(autouse=True)
def _alone(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test has its own files, an empty cache, and tasks that run at once."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
    # Nothing is collected for tests, so files have no hashed names.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    # Where the suite runs on Redis, each of its processes has keys of its own.
    settings.REDIS_KEY_PREFIX = f"foyer-test-{os.getpid()}"
    # A test that counts queries counts those of the call, not the one made now and then.
    monkeypatch.setattr(SessionCache, "epoch_seconds", 3600)
    HUEY.immediate = True
    # Tests of the limits turn them on.
    settings.RATE_LIMIT_LOGIN = settings.RATE_LIMIT_SIGNUP = settings.RATE_LIMIT_RESET = None
    flush_keys()
    yield
    flush_keys()


@pytest.fixture
def api() -> APIClient:
    """A client of the REST API that is nobody. A 500 is an answer, not an exception."""
    return DescribedClient()


@pytest.fixture
def api_as() -> ApiAs:
    """`api_as(user)` is a client with an access token of `user`."""

    def client_of(user: User) -> APIClient:
        tokens = open_session(
            # As it is now: a session is for who knows the present password.
            user=User.objects.get(pk=user.pk),
            device=Device(ip_address="127.0.0.1", user_agent="test"),
            now=timezone.now(),
        )
        if cache_of_sessions := session_cache():
            cache_of_sessions.warm_up()
        client = DescribedClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access}")
        return client

    return client_of


@pytest.fixture
def tasks_wait() -> Iterator[None]:
    """Tasks stay in the queue, and none is left to a later test."""
    HUEY.immediate = False
    yield
    empty_queue()
