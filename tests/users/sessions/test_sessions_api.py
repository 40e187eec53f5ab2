"""Logging in, refreshing, verifying, logging out."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import PASSWORD, UserFactory
from users.models import Session

pytestmark = pytest.mark.django_db


def bearer(token: str) -> dict[str, Any]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


class TestLogIn:
    @pytest.mark.parametrize("path", ["/auth", "/auth/token"])
    @pytest.mark.parametrize(
        "name",
        [
            {"username": "Ada"},
            {"username": "aDA"},
            {"username": "ADA@example.org"},
            {"email": "Ada@Example.org"},
        ],
    )
    def test_log_in_takes_username_or_email_whatever_the_case(
        self, api: APIClient, path: str, name: dict[str, str]
    ) -> None:
        UserFactory.create(username="Ada", email="ada@example.org")

        answer = api.post(path, {**name, "password": PASSWORD})

        assert answer.status_code == 200

    @pytest.mark.parametrize("path", ["/auth", "/auth/token"])
    def test_unknown_wrong_and_inactive_get_one_answer(self, api: APIClient, path: str) -> None:
        UserFactory.create(username="ada")
        UserFactory.create(username="bob", is_active=False)

        answers = [
            api.post(path, {"username": "nobody", "password": PASSWORD}),
            api.post(path, {"username": "ada", "password": PASSWORD + " "}),
            api.post(path, {"username": "bob", "password": PASSWORD}),
        ]

        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
        assert all(answer["WWW-Authenticate"].startswith("Bearer") for answer in answers)

    @pytest.mark.parametrize(
        "body", [{}, {"username": "ada"}, {"password": PASSWORD}, {"username": 1, "password": {}}]
    )
    def test_log_in_needs_a_name_and_a_password(
        self, api: APIClient, body: dict[str, object]
    ) -> None:
        assert api.post("/auth/token", body).status_code == 400

    @pytest.mark.parametrize(
        ("path", "body", "wrong"),
        [
            ("/auth", {}, ["username", "password"]),
            ("/auth", {"username": None, "password": None}, ["username", "password"]),
            ("/auth/token", {}, ["username", "password"]),
            ("/auth/token", {"otp": "1" * 101}, ["username", "password", "otp"]),
            ("/auth/token", {"code": "1234"}, ["email", "code"]),
        ],
    )
    def test_everything_that_is_wrong_is_named_at_once(
        self, api: APIClient, path: str, body: dict[str, object], wrong: list[str]
    ) -> None:
        answer = api.post(path, body)

        assert answer.status_code == 400
        assert sorted(error["attr"] for error in answer.json()["errors"]) == sorted(wrong)

    def test_day_token_lives_24_hours(self, api: APIClient) -> None:
        UserFactory.create(username="ada")

        answer = api.post("/auth", {"username": "ada", "password": PASSWORD}).json()

        assert set(answer) == {"token", "expires_at"}
        session = Session.objects.get()
        assert timedelta(hours=23, minutes=59) < session.expires_at - timezone.now()
        assert session.expires_at - timezone.now() <= timedelta(hours=24)
        assert api.get("/users/me", **bearer(answer["token"])).status_code == 200


class TestLogOut:
    def test_log_out_ends_access_and_refresh_at_once(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        tokens = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()

        assert api.delete("/auth", **bearer(tokens["access"])).status_code == 204

        assert api.get("/users/me", **bearer(tokens["access"])).status_code == 401
        assert api.post("/auth/token/refresh", {"refresh": tokens["refresh"]}).status_code == 401
        assert api.post("/auth/token/verify", {"token": tokens["access"]}).status_code == 401

    def test_log_out_needs_a_token(self, api: APIClient) -> None:
        answer = api.delete("/auth")

        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


def _refresh_id(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["jti"])


class TestRefresh:
    def test_refresh_gives_new_tokens_that_work(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        first = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()

        second = api.post("/auth/token/refresh", {"refresh": first["refresh"]})

        assert second.status_code == 200
        assert second.json()["refresh"] != first["refresh"]
        assert api.get("/users/me", **bearer(second.json()["access"])).status_code == 200

    def test_a_racing_client_gets_the_same_successor(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        first = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()

        second = api.post("/auth/token/refresh", {"refresh": first["refresh"]}).json()
        again = api.post("/auth/token/refresh", {"refresh": first["refresh"]}).json()

        assert again == second

    def test_a_lost_response_can_be_fetched_again_however_late(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        first = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()
        lost = api.post("/auth/token/refresh", {"refresh": first["refresh"]}).json()
        session = Session.objects.get()
        session.refreshed_at -= timedelta(hours=3)
        session.save()

        again = api.post("/auth/token/refresh", {"refresh": first["refresh"]})

        assert again.status_code == 200
        assert _refresh_id(again.json()["refresh"]) == _refresh_id(lost["refresh"])
        assert api.get("/users/me", **bearer(again.json()["access"])).status_code == 200
        refreshed = api.post("/auth/token/refresh", {"refresh": again.json()["refresh"]})
        assert refreshed.status_code == 200

    def test_a_token_whose_successor_was_used_ends_the_session(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        first = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()
        second = api.post("/auth/token/refresh", {"refresh": first["refresh"]}).json()
        third = api.post("/auth/token/refresh", {"refresh": second["refresh"]}).json()

        assert api.post("/auth/token/refresh", {"refresh": first["refresh"]}).status_code == 401

        assert api.post("/auth/token/refresh", {"refresh": third["refresh"]}).status_code == 401
        assert api.get("/users/me", **bearer(third["access"])).status_code == 401

    def test_refresh_never_outlives_180_days(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        tokens = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()
        Session.objects.update(created_at=timezone.now() - timedelta(days=179))

        assert api.post("/auth/token/refresh", {"refresh": tokens["refresh"]}).status_code == 200

        session = Session.objects.get()
        assert session.expires_at == session.created_at + timedelta(days=180)

    @pytest.mark.parametrize("refresh", ["", "x", "a.b.c", "é", "1" * 5000])
    def test_refresh_refuses_what_is_no_refresh_token(self, api: APIClient, refresh: str) -> None:
        assert api.post("/auth/token/refresh", {"refresh": refresh}).status_code in {400, 401}

    def test_refresh_refuses_an_access_token(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        tokens = api.post("/auth/token", {"username": "ada", "password": PASSWORD}).json()

        assert api.post("/auth/token/refresh", {"refresh": tokens["access"]}).status_code == 401
        assert api.get("/users/me", **bearer(tokens["refresh"])).status_code == 401


class TestBearer:
    @pytest.mark.parametrize(
        "header",
        ["Bearer", "Bearer ", "Bearer x", "Bearer a b c", "Bearer " + "." * 1000, "Bearer \xe9"],
    )
    def test_bearer_refuses_rubbish_with_401(self, api: APIClient, header: str) -> None:
        answer = api.get("/users/me", HTTP_AUTHORIZATION=header)

        assert answer.status_code == 401
        assert answer.json()["error"]

    def test_bearer_costs_one_query_for_session_and_user(
        self, api_as: ApiAs, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        user = UserFactory.create()
        client = api_as(user)

        # Session and user together, then the organizations.
        with django_assert_num_queries(2):
            assert client.get("/users/me").status_code == 200
