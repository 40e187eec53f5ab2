"""Log-in by a mailed code."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from core.env import Rate
from tests.factories import PASSWORD, UserFactory
from tests.users.codes.issuing import another, mailed_code
from users.models import MailedCode, User

pytestmark = pytest.mark.django_db

EMAIL = "ada@example.org"


def ask(api: APIClient, email: str = EMAIL) -> str:
    assert api.post("/auth/code", {"email": email}).status_code == 202
    return mailed_code()


def log_in(api: APIClient, code: object, email: str = EMAIL) -> Any:
    return api.post("/auth/token", {"email": email, "code": code})


def test_a_mailed_code_logs_in_and_verifies_the_address(api: APIClient) -> None:
    user = UserFactory.create(email=EMAIL)

    answer = log_in(api, ask(api, "ADA@example.org"))

    assert set(answer.json()) == {"access", "refresh"}
    user.refresh_from_db()
    assert user.email_verified


def test_asking_tells_nothing_of_accounts(api: APIClient) -> None:
    UserFactory.create(email=EMAIL)
    UserFactory.create(email="off@example.org", is_active=False)

    answers = [
        api.post("/auth/code", {"email": email})
        for email in (EMAIL, "off@example.org", "nobody@example.org")
    ]

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_wrong_old_used_and_foreign_codes_and_unknown_addresses_get_one_401(
    api: APIClient,
) -> None:
    for name in ("used", "wrong", "old", "eve", "off"):
        UserFactory.create(email=f"{name}@example.org")
    used = ask(api, "used@example.org")
    log_in(api, used, "used@example.org")
    old = ask(api, "old@example.org")
    MailedCode.objects.update(expires_at=timezone.now())
    wrong = another(ask(api, "wrong@example.org"))
    foreign = ask(api, "wrong@example.org")
    off = ask(api, "off@example.org")
    User.objects.filter(email="off@example.org").update(is_active=False)

    answers = [
        log_in(api, used, "used@example.org"),
        log_in(api, wrong, "wrong@example.org"),
        log_in(api, old, "old@example.org"),
        log_in(api, foreign, "eve@example.org"),
        log_in(api, off, "off@example.org"),
        log_in(api, wrong, "nobody@example.org"),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("code", ["1234567", "abcdefgh", "", None, [], True, 10**8])
def test_what_is_no_code_is_400_and_costs_no_attempt(api: APIClient, code: object) -> None:
    UserFactory.create(email=EMAIL)
    right = ask(api)

    for _ in range(6):
        assert log_in(api, code).status_code == 400

    assert log_in(api, right).status_code == 200


def test_five_wrong_codes_block_the_right_one(api: APIClient) -> None:
    UserFactory.create(email=EMAIL)
    code = ask(api)
    for n in range(1, 6):
        assert log_in(api, another(code, n)).status_code == 401

    assert log_in(api, code).status_code == 401
    MailedCode.objects.update(last_attempt_at=timezone.now() - timedelta(minutes=10))
    assert log_in(api, code).status_code == 200


def test_a_code_needs_its_email_address(api: APIClient) -> None:
    UserFactory.create(email=EMAIL, username="ada")

    answer = api.post("/auth/token", {"username": "ada", "code": ask(api)})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "email"


def test_only_the_token_pair_takes_a_code(api: APIClient) -> None:
    UserFactory.create(email=EMAIL)

    assert api.post("/auth", {"email": EMAIL, "code": ask(api)}).status_code == 400


def test_a_code_dies_with_a_change_of_the_password(api: APIClient) -> None:
    UserFactory.create(email=EMAIL)
    code = ask(api)
    api.post("/auth/password/reset", {"email": EMAIL})
    body = {"email": EMAIL, "code": mailed_code(), "password": "ten green bottles"}
    assert api.post("/auth/password/reset/confirm", body).status_code == 204

    assert log_in(api, code).status_code == 401


def test_a_code_of_log_in_sets_no_password(api: APIClient) -> None:
    UserFactory.create(email=EMAIL)
    body = {"email": EMAIL, "code": ask(api), "password": "ten green bottles"}

    assert api.post("/auth/password/reset/confirm", body).status_code == 400


def test_failures_and_requests_are_limited(api: APIClient, settings: Settings) -> None:
    settings.RATE_LIMIT_LOGIN = settings.RATE_LIMIT_RESET = Rate(3, 60)

    asked = [api.post("/auth/code", {"email": EMAIL}).status_code for _ in range(4)]
    tried = [log_in(api, "12345678").status_code for _ in range(4)]

    assert asked == [202, 202, 202, 429]
    assert tried == [401, 401, 401, 429]


def test_a_password_still_logs_in(api: APIClient) -> None:
    UserFactory.create(email=EMAIL)

    assert api.post("/auth/token", {"email": EMAIL, "password": PASSWORD}).status_code == 200
    assert api.post("/auth/token", {"email": EMAIL}).json()["errors"][0]["attr"] == "password"
