"""Sessions read through Redis: fast, and never wiser than the database."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from redis import Redis
from rest_framework.test import APIClient

from core.redis import RedisCircuitBreaker, redis_circuit_breaker
from tests.conftest import ApiAs
from tests.factories import PASSWORD, StaffFactory, UserFactory
from tests.users.sessions.redis_server import RedisServer, needs_redis, redis_server
from users.models import Session, User
from users.sessions.cache import EPOCH_SECONDS, SessionCache, session_cache
from users.sessions.selectors import get_active_session

pytestmark = [pytest.mark.django_db(transaction=True), needs_redis]


@pytest.fixture(autouse=True)
def _no_kept_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that was kept does not show where its session came from."""
    monkeypatch.setattr("api.response_cache.database_version", lambda: None)


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def server(
    _server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> RedisServer:
    _server.client.flushall()
    monkeypatch.setattr(SessionCache, "epoch_seconds", EPOCH_SECONDS)
    settings.REDIS_URL = _server.url
    wait_until_redis_is_tried_again()
    cache = session_cache()
    assert cache is not None
    cache._epoch = None  # of another test's database
    return _server


def guard() -> RedisCircuitBreaker:
    redis = redis_circuit_breaker()
    assert redis is not None
    return redis


def wait_until_redis_is_tried_again() -> None:
    guard()._asked_again_at = 0.0


class OtherProcess:
    """A second cache on the same Redis and database, as another process has one."""

    def __init__(self, server: RedisServer) -> None:
        self.cache = SessionCache(RedisCircuitBreaker(server.url))

    def sees(self, session: Session) -> bool:
        now = timezone.now()
        found = self.cache.get(
            session_id=session.pk,
            user_id=session.user_id,
            now=now,
            look_up=lambda: get_active_session(session.pk, now=now),
        )
        return found is not None

    def reads_from_redis(self, session: Session) -> bool:
        look_up = mock.Mock(return_value=None)
        found = self.cache.get(
            session_id=session.pk, user_id=session.user_id, now=timezone.now(), look_up=look_up
        )
        return found is not None and not look_up.called


class TestReading:
    def test_reading_costs_no_query_once_it_is_there(
        self, server: RedisServer, api_as: ApiAs, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")
        client.get("/users/me")

        with django_assert_num_queries(1) as queries:  # the organizations
            assert client.get("/users/me").status_code == 200

        assert "organization" in queries.captured_queries[0]["sql"]

    def test_reading_gives_the_same_answer(self, server: RedisServer, api_as: ApiAs) -> None:
        user = UserFactory.create(
            first_name="Zoë", phone="+442079460018", data={"a": [1, 2.5, None], "b": 2**62}
        )
        client = api_as(user)

        answers = [client.get("/users/me").json() for _ in range(3)]

        assert answers[0] == answers[1] == answers[2]
        assert answers[0]["data"] == {"a": [1, 2.5, None], "b": 2**62}

    def test_reading_keeps_neither_password_nor_refresh_ids(
        self, server: RedisServer, api_as: ApiAs
    ) -> None:
        user = UserFactory.create()
        api_as(user).get("/users/me")

        kept = b"".join(server.client.mget(server.keys()))

        session = Session.objects.get()
        assert user.password.encode() not in kept
        assert session.refresh_id.encode() not in kept
        assert session.pk.hex.encode() in b"".join(server.keys())

    def test_entries_expire_with_their_session(self, server: RedisServer, api: APIClient) -> None:
        UserFactory.create(username="ada")
        token = api.post("/auth", {"username": "ada", "password": PASSWORD}).json()["token"]
        api.get("/users/me", HTTP_AUTHORIZATION=f"Bearer {token}")

        (key,) = server.keys("*:session:*")

        assert 86390 < server.client.ttl(key) <= 86400

    def test_reading_of_an_expired_session_ends_though_redis_has_it(
        self, server: RedisServer, api_as: ApiAs
    ) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")
        session = Session.objects.get()
        other = OtherProcess(server)
        assert other.sees(session)

        found = other.cache.get(
            session_id=session.pk,
            user_id=session.user_id,
            now=session.expires_at + timedelta(seconds=1),
            look_up=lambda: None,
        )

        assert found is None


class TestChangesShowAtOnce:
    def test_changes_show_at_once_of_rights(self, server: RedisServer, api_as: ApiAs) -> None:
        user = UserFactory.create()
        client = api_as(user)
        assert client.get("/users").status_code == 403
        assert client.get("/users").status_code == 403

        User.objects.filter(pk=user.pk).update(is_staff=True)

        assert client.get("/users").status_code == 200

    def test_changes_show_at_once_of_the_profile(self, server: RedisServer, api_as: ApiAs) -> None:
        user = UserFactory.create()
        client, staff = api_as(user), api_as(StaffFactory.create())
        client.get("/users/me")

        client.patch("/users/me", {"first_name": "Ada"})
        assert client.get("/users/me").json()["first_name"] == "Ada"
        staff.patch(f"/users/{user.pk}", {"first_name": "Bea"})
        assert client.get("/users/me").json()["first_name"] == "Bea"


def log_out(client: APIClient, user: User) -> None:
    client.delete("/auth")


def log_out_everywhere(client: APIClient, user: User) -> None:
    client.delete("/auth/sessions")


def switch_off(client: APIClient, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete(client: APIClient, user: User) -> None:
    client.delete("/users/me")


def set_password(client: APIClient, user: User) -> None:
    user.set_password("ten green bottles")
    user.save()


ENDS = [log_out, log_out_everywhere, switch_off, delete, set_password]


@pytest.mark.parametrize("end", ENDS)
class TestTheEndOfASession:
    def test_the_end_of_a_session_is_seen_by_every_process(
        self, server: RedisServer, api_as: ApiAs, end: Any
    ) -> None:
        user = UserFactory.create()
        client, other = api_as(user), OtherProcess(server)
        session = Session.objects.get()
        client.get("/users/me")
        assert other.sees(session)
        assert other.reads_from_redis(session)

        end(client, user)

        assert not other.sees(session)
        assert client.get("/users/me").status_code == 401

    def test_the_end_of_a_session_is_seen_after_redis_was_frozen(
        self, server: RedisServer, api_as: ApiAs, end: Any
    ) -> None:
        """The other process noticed nothing, and its entry is still there afterwards."""
        user = UserFactory.create()
        client, other = api_as(user), OtherProcess(server)
        session = Session.objects.get()
        client.get("/users/me")
        assert other.reads_from_redis(session)

        with server.frozen():
            end(client, user)

        assert not other.sees(session)
        wait_until_redis_is_tried_again()
        assert client.get("/users/me").status_code == 401

    def test_the_end_of_a_session_is_not_undone_by_a_snapshot(
        self, server: RedisServer, api_as: ApiAs, end: Any
    ) -> None:
        user = UserFactory.create()
        client, other = api_as(user), OtherProcess(server)
        session = Session.objects.get()
        client.get("/users/me")
        assert other.reads_from_redis(session)
        server.save()

        end(client, user)
        server.kill()
        server.start()

        assert server.keys("*:session:*")
        wait_until_redis_is_tried_again()
        assert client.get("/users/me").status_code == 401
        assert not OtherProcess(server).sees(session)
        other.sees(session)
        assert not other.sees(session)

    def test_the_end_of_a_session_is_not_undone_by_a_reader_that_was_under_way(
        self, server: RedisServer, api_as: ApiAs, end: Any
    ) -> None:
        user = UserFactory.create()
        client, other = api_as(user), OtherProcess(server)
        session = Session.objects.get()

        def look_up() -> Session | None:
            live = get_active_session(session.pk, now=timezone.now())
            end(client, user)  # between the reader's look and its storing
            return live

        other.cache.get(session_id=session.pk, user_id=user.pk, now=timezone.now(), look_up=look_up)

        assert not other.sees(session)
        assert not OtherProcess(server).reads_from_redis(session)


class TestWithoutRedis:
    def test_everything_works(self, server: RedisServer, api: APIClient) -> None:
        UserFactory.create(username="ada")
        server.kill()
        try:
            tokens = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()
            bearer: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {tokens['access']}"}
            assert api.get("/users/me", **bearer).status_code == 200
            assert api.patch("/users/me", {"first_name": "A"}, **bearer).status_code == 200
            assert api.get("/users/me", **bearer).json()["first_name"] == "A"
            assert api.delete("/auth", **bearer).status_code == 204
            assert api.get("/users/me", **bearer).status_code == 401
        finally:
            server.start()
            wait_until_redis_is_tried_again()

    def test_a_frozen_one_costs_one_request_a_moment(
        self, server: RedisServer, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")
        asked: list[str] = []
        execute = Redis.execute_command

        def count(redis: Redis, command: str, *values: Any, **options: Any) -> Any:
            asked.append(command)
            return execute(redis, command, *values, **options)

        monkeypatch.setattr(Redis, "execute_command", count)

        with server.frozen():
            assert client.get("/users/me").status_code == 200
            assert len(asked) == 1
            # However slow the machine is, the moment is not over yet.
            guard()._asked_again_at = math.inf
            assert {client.get("/users/me").status_code for _ in range(9)} == {200}
            assert len(asked) == 1

        wait_until_redis_is_tried_again()

    def test_it_is_used_again_when_it_is_back(self, server: RedisServer, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        server.kill()
        client.get("/users/me")
        server.start()
        wait_until_redis_is_tried_again()

        client.get("/users/me")

        assert server.keys("*:session:*")

    def test_an_emptied_one_is_filled_again(self, server: RedisServer, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")
        server.client.flushall()

        assert client.get("/users/me").status_code == 200

        assert server.keys("*:session:*")

    def test_rubbish_in_it_is_read_as_nothing(self, server: RedisServer, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")
        for rubbish in (b"", b"x", b"{}", b"{", b'{"epoch": 1}', b"[]"):
            server.client.mset(dict.fromkeys(server.keys(), rubbish))

            assert client.get("/users/me").status_code == 200


class TestLastUse:
    def test_last_use_is_noted_once_a_minute(self, server: RedisServer, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        client.get("/users/me")
        first = Session.objects.get().last_used_at
        client.get("/users/me")
        assert Session.objects.get().last_used_at == first

        Session.objects.update(last_used_at=first - timedelta(minutes=2))
        server.client.flushall()
        client.get("/users/me")

        assert Session.objects.get().last_used_at > first


def test_the_tag_is_believed_for_a_moment_only() -> None:
    assert EPOCH_SECONDS <= 0.5
