"""Fixtures of the whole suite."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django import Settings
from rest_framework.test import APIClient

from core.redis import flush_keys
from tests.described_client import DescribedClient
from tests.postgresql.servers import unfamiliar_locale
from tests.task_queue import empty_queue
from users.models import User
from users.passwords.hashers import OWASPArgon2PasswordHasher
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
def _flush_what_tests_store() -> Iterator[None]:
    """What Django does after each test that commits, without the parts that took most of the time.

    TRUNCATE makes new files for sixty tables, of which most are empty anyway: on PostgreSQL two
    thirds of the time of such tests. And the rows that migrations make, 172 permissions of 43
    content types, stay instead of being deleted and made anew: half of the processor time of such
    tests on SQLite.
    """

    def delete_statements(
        _: object, style: object, tables: list[str], **options: object
    ) -> list[str]:
        # Foreign keys are checked at the end of the transaction.
        return [f'DELETE FROM "{table}"' for table in tables if table not in made_by_migrations]

    made_by_migrations = {ContentType._meta.db_table, Permission._meta.db_table}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", delete_statements)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *args, **options: None)
        yield


# As the product has them.
_HASH_COSTS = {
    name: getattr(OWASPArgon2PasswordHasher, name) for name in ("time_cost", "memory_cost")
}


@pytest.fixture(scope="session", autouse=True)
def _same_for_all_tests(django_test_environment: None) -> Iterator[None]:
    """Set once: each change of a setting calls a dozen receivers, before a test and after it."""
    with (
        override_settings(
            ALLOWED_HOSTS=["testserver", "localhost", "127.0.0.1"],
            # Nothing is collected for tests, so files have no hashed names.
            STORAGES=settings.STORAGES
            | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
            # Where the suite runs on Redis, each of its processes has keys of its own.
            REDIS_KEY_PREFIX=f"foyer-test-{os.getpid()}",
            # Tests of the limits turn them on.
            RATE_LIMIT_LOGIN=None,
            RATE_LIMIT_SIGNUP=None,
            RATE_LIMIT_RESET=None,
        ),
        pytest.MonkeyPatch.context() as patch,
    ):
        # A test that counts queries counts those of the call, not the one made now and then.
        patch.setattr(SessionCache, "epoch_seconds", 3600)
        # The work of a hash is what `owasp_hashes` is for.
        patch.setattr(OWASPArgon2PasswordHasher, "time_cost", 1)
        patch.setattr(OWASPArgon2PasswordHasher, "memory_cost", 8)
        yield


_numbers = count()


@pytest.fixture(autouse=True)
def _alone(settings: Settings) -> Iterator[None]:
    """Each test has its own files, an empty cache, and tasks that run at once."""
    # Made by the first test that stores a file, and gone with the folder of all of them.
    settings.MEDIA_ROOT = settings.DATA_DIR / f"media-{next(_numbers)}"
    HUEY.immediate = True
    flush_keys()
    yield
    flush_keys()


@pytest.fixture
def owasp_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Password hashes cost what they cost in production, and in servers that a test starts."""
    for name, cost in _HASH_COSTS.items():
        monkeypatch.setattr(OWASPArgon2PasswordHasher, name, cost)


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
