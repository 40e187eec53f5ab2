"""Seeing and ending one's sessions."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import PASSWORD, UserFactory
from users.models import Session

pytestmark = pytest.mark.django_db


def current(client: APIClient) -> str:
    (identifier,) = [row["id"] for row in client.get("/auth/sessions").json() if row["current"]]
    return str(identifier)


class TestList:
    def test_list_shows_devices_newest_first(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        credentials = {"username": "ada", "password": PASSWORD}
        api.post("/auth", credentials, HTTP_USER_AGENT="old phone", REMOTE_ADDR="192.0.2.7")
        token = api.post("/auth", credentials, HTTP_USER_AGENT="new phone").json()["token"]

        answer = api.get("/auth/sessions", HTTP_AUTHORIZATION=f"Bearer {token}")

        assert answer.status_code == 200
        newest, oldest = answer.json()
        assert set(newest) == {
            "id",
            "created_at",
            "last_used_at",
            "expires_at",
            "ip_address",
            "user_agent",
            "current",
        }
        assert (newest["user_agent"], newest["current"]) == ("new phone", True)
        assert (oldest["user_agent"], oldest["ip_address"]) == ("old phone", "192.0.2.7")
        assert oldest["current"] is False
        assert newest["created_at"].endswith("Z")

    def test_list_shows_neither_others_nor_expired_ones(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        api_as(UserFactory.create())
        api_as(user)
        Session.objects.filter(user=user).update(expires_at=timezone.now())

        assert len(api_as(user).get("/auth/sessions").json()) == 1

    def test_list_needs_a_token(self, api: APIClient) -> None:
        assert api.get("/auth/sessions").status_code == 401


class TestEndingOne:
    def test_ending_one_ends_another_device(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        phone, laptop = api_as(user), api_as(user)

        assert laptop.delete(f"/auth/sessions/{current(phone)}").status_code == 204

        assert phone.get("/users/me").status_code == 401
        assert laptop.get("/users/me").status_code == 200

    def test_ending_one_takes_its_id_in_capitals(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())

        assert client.delete(f"/auth/sessions/{current(client).upper()}").status_code == 204

        assert client.get("/users/me").status_code == 401

    def test_ending_one_ends_the_present_one(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())

        assert client.delete(f"/auth/sessions/{current(client)}").status_code == 204

        assert client.get("/users/me").status_code == 401

    def test_ending_one_does_not_know_those_of_others(self, api_as: ApiAs) -> None:
        client, stranger = api_as(UserFactory.create()), api_as(UserFactory.create())

        for identifier in (current(stranger), uuid4(), "1", "x" * 36):
            assert client.delete(f"/auth/sessions/{identifier}").status_code == 404

        assert stranger.get("/users/me").status_code == 200


class TestEndingAll:
    def test_ending_all_ends_the_present_one_too(self, api_as: ApiAs) -> None:
        user, other = UserFactory.create(), UserFactory.create()
        phone, laptop, stranger = api_as(user), api_as(user), api_as(other)

        assert laptop.delete("/auth/sessions").status_code == 204

        assert phone.get("/users/me").status_code == 401
        assert laptop.get("/users/me").status_code == 401
        assert stranger.get("/users/me").status_code == 200


def test_a_repeat_within_ten_seconds_is_a_race(api: APIClient) -> None:
    UserFactory.create(username="ada")
    first = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()
    second = api.post("/auth/token/refresh", {"refresh": first["refresh"]}).json()
    session = Session.objects.get()
    Session.objects.update(refreshed_at=session.refreshed_at - timedelta(seconds=9.9))

    again = api.post("/auth/token/refresh", {"refresh": first["refresh"]})

    assert again.status_code == 200
    assert Session.objects.exists()
    assert second["refresh"]
