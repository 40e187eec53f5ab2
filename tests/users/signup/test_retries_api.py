"""Sign-ups that are sent again because their response was lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from core.env import Rate
from tests.factories import PASSWORD
from tests.users.avatars import sample_pictures as samples
from users.cleanup import delete_expired
from users.models import SignUpResult, User
from users.profiles.services import delete_user
from users.signup import idempotency

pytestmark = pytest.mark.django_db

BODIES: dict[str, dict[str, Any]] = {
    "/users": {
        "email": "ada@example.org",
        "username": "ada",
        "password": PASSWORD,
        "birthdate": "1990-05-17",
    },
    "/auth/signup": {"email": "ada@example.org", "password": PASSWORD},
    "/user": {"username": "ada", "password": PASSWORD, "address": "Analytical Row"},
    "/api/users/create": {"email": "ada@example.org"},
}
sign_ups = pytest.mark.parametrize("path", BODIES)
Limit = Callable[[], None]


def post(api: APIClient, path: str, key: str | None = None, **changes: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return api.post(path, {**BODIES[path], **changes}, headers=headers)


@sign_ups
class TestKey:
    def test_a_repeated_sign_up_gets_the_first_response(self, api: APIClient, path: str) -> None:
        first = post(api, path, "0b1c")

        again = post(api, path, "0b1c")

        assert again.status_code == first.status_code
        assert again.json() == first.json()
        assert again.headers.get("Location") == first.headers.get("Location")
        assert User.objects.count() == 1

    def test_its_tokens_work(self, api: APIClient, path: str) -> None:
        post(api, path, "0b1c")
        body = post(api, path, "0b1c").json()

        if "access" in body:
            api.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access']}")
            assert api.get("/users/me").status_code == 200
            refreshed = api.post("/auth/token/refresh", {"refresh": body["refresh"]})
            assert refreshed.status_code == 200
        elif "token" in body:
            assert api.get("/api/repos", HTTP_X_API_TOKEN=body["token"]).status_code == 200

    def test_another_body_is_422(self, api: APIClient, path: str) -> None:
        post(api, path, "0b1c")

        answer = post(api, path, "0b1c", first_name="Ada")

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "idempotency_key_reused"

    def test_a_rejected_first_try_stores_nothing(self, api: APIClient, path: str) -> None:
        name = "username" if path == "/user" else "email"
        assert post(api, path, "0b1c", **{name: "?"}).status_code == 400

        assert not SignUpResult.objects.exists()
        assert post(api, path, "0b1c").status_code // 100 == 2

    @pytest.mark.parametrize("key", ["", "x" * 256])
    def test_a_key_of_another_length_is_400(self, api: APIClient, path: str, key: str) -> None:
        answer = post(api, path, key)

        assert answer.status_code == 400
        assert not User.objects.exists()

    def test_key_holds_for_a_day(self, api: APIClient, path: str) -> None:
        post(api, path, "0b1c")
        SignUpResult.objects.update(expires_at=timezone.now())

        assert post(api, path, "0b1c").status_code == 400

    def test_goes_with_the_account(self, api: APIClient, path: str) -> None:
        post(api, path, "0b1c")
        delete_user(user=User.objects.get())

        assert not SignUpResult.objects.exists()
        assert post(api, path, "0b1c").status_code // 100 == 2

    def test_key_keeps_no_secret_readable(self, api: APIClient, path: str) -> None:
        body = post(api, path, "a readable key").json()

        stored = str(SignUpResult.objects.values().get())
        for secret in ("a readable key", PASSWORD, body.get("access"), body.get("token")):
            assert secret is None or secret not in stored

    def test_a_repeat_does_not_count_against_the_limit(
        self, api: APIClient, path: str, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_SIGNUP = Rate(1, 60)

        answers = [post(api, path, "0b1c").status_code // 100 for _ in range(4)]

        assert answers == [2, 2, 2, 2]

    @pytest.mark.django_db(transaction=True)
    def test_many_at_one_instant_get_one_result(self, path: str) -> None:
        def ask(_: int) -> Any:
            try:
                return post(APIClient(), path, "0b1c").json()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            bodies = list(pool.map(ask, range(4)))

        assert all(body == bodies[0] for body in bodies)
        assert User.objects.count() == 1


def test_a_key_belongs_to_one_endpoint(api: APIClient) -> None:
    assert post(api, "/auth/signup", "0b1c").status_code == 201
    assert post(api, "/user", "0b1c").status_code == 201
    assert User.objects.count() == 2


def test_an_api_token_is_not_repeated_to_another_network(api: APIClient) -> None:
    post(api, "/api/users/create", "1")

    elsewhere = APIClient(REMOTE_ADDR="198.51.100.7")

    assert post(elsewhere, "/api/users/create", "1").status_code == 400


def test_a_form_is_known_by_its_fields_and_its_picture(api: APIClient) -> None:
    def send(photo: bytes) -> Any:
        form = {**BODIES["/auth/signup"], "avatar": SimpleUploadedFile("me.jpg", photo)}
        headers = {"Idempotency-Key": "0b1c"}
        return api.post("/auth/signup", form, format="multipart", headers=headers)

    first = send(samples.phone_photo(1))

    assert first.status_code == 201
    assert send(samples.phone_photo(1)).json() == first.json()
    assert send(samples.phone_photo(6)).status_code == 422


def test_a_first_request_under_way_is_waited_for_and_then_told(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.1)
    post(api, "/user", "0b1c")
    SignUpResult.objects.update(response="", user=None)

    answer = post(api, "/user", "0b1c")

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "request_in_progress"


def test_results_are_deleted_when_they_expire(api: APIClient) -> None:
    post(api, "/user", "0b1c")

    delete_expired(now=timezone.now() + timedelta(hours=23))
    assert SignUpResult.objects.exists()
    delete_expired(now=timezone.now() + timedelta(hours=25))
    assert not SignUpResult.objects.exists()


class TestWithoutKey:
    @sign_ups
    def test_a_taken_name_says_how_to_log_in(self, api: APIClient, path: str) -> None:
        post(api, path)

        error = post(api, path).json()["error"]

        assert "log in, or set a new password with POST /auth/password/reset" in error
        assert ("POST /api/users/token" in error) == (path == "/api/users/create")

    @pytest.mark.parametrize("path", ["/users", "/auth/signup", "/user"])
    def test_the_same_name_and_password_do_not_count(
        self, api: APIClient, path: str, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_SIGNUP = settings.RATE_LIMIT_LOGIN = Rate(3, 60)

        answers = [post(api, path).status_code for _ in range(8)]

        assert answers == [201] + [400] * 7

    @pytest.mark.parametrize("path", ["/users", "/auth/signup", "/user"])
    def test_another_password_counts(self, api: APIClient, path: str, settings: Settings) -> None:
        settings.RATE_LIMIT_SIGNUP = Rate(3, 60)
        post(api, path)

        guesses = [post(api, path, password=f"{PASSWORD} {n}").status_code for n in range(3)]

        assert guesses == [400, 400, 429]

    def test_guesses_from_many_addresses_count_as_failed_log_ins(self, settings: Settings) -> None:
        """Signing up must not tell the password that the limit on log-ins protects."""
        settings.RATE_LIMIT_SIGNUP, settings.RATE_LIMIT_LOGIN = Rate(2, 60), Rate(3, 60)
        post(APIClient(), "/auth/signup")
        for n in range(4):
            stranger = APIClient(REMOTE_ADDR=f"198.51.100.{n}")
            post(stranger, "/auth/signup", password=f"{PASSWORD} {n}")

        right = APIClient(REMOTE_ADDR="203.0.113.1")

        assert [post(right, "/auth/signup").status_code for _ in range(3)] == [400, 400, 429]
