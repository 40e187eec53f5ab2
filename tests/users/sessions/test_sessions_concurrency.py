"""What holds between processes: rotation, limits, the end of a session."""

from collections import Counter
from pathlib import Path

import pytest
import requests

from tests.factories import PASSWORD, UserFactory
from tests.users.concurrency import at_once, server
from users.models import Session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.system,
    pytest.mark.usefixtures("owasp_hashes"),
]

TIMEOUT_SECONDS = 60


def test_of_32_parallel_refreshes_one_rotates(tmp_path: Path) -> None:
    UserFactory.create(username="ada")
    with server(tmp_path / "data") as foyer:
        for _ in range(3):
            tokens = requests.post(
                f"{foyer.url}/auth/token",
                json={"username": "ada", "password": PASSWORD},
                timeout=TIMEOUT_SECONDS,
            ).json()

            answers = at_once(
                32,
                lambda _, refresh=tokens["refresh"]: requests.post(  # type: ignore[misc]  # mypy cannot infer it
                    f"{foyer.url}/auth/token/refresh",
                    json={"refresh": refresh},
                    timeout=TIMEOUT_SECONDS,
                ),
            )

            assert Counter(answer.status_code for answer in answers) == {200: 32}
            assert len({answer.text for answer in answers}) == 1
            access = answers[0].json()["access"]
            assert (
                requests.get(
                    f"{foyer.url}/users/me",
                    headers={"Authorization": f"Bearer {access}"},
                    timeout=TIMEOUT_SECONDS,
                ).status_code
                == 200
            )


def test_of_64_parallel_failures_ten_pass(tmp_path: Path) -> None:
    UserFactory.create(username="ada")

    with server(tmp_path / "data", RATE_LIMIT_LOGIN="10/hour", TRUSTED_PROXIES="1") as foyer:

        def guess(number: int, *, address: str, name: str) -> int:
            return requests.post(
                f"{foyer.url}/auth",
                json={"username": name, "password": f"wrong {number}"},
                headers={"X-Forwarded-For": address},
                timeout=TIMEOUT_SECONDS,
            ).status_code

        by_account = at_once(64, lambda n: guess(n, address=f"192.0.2.{n}", name="ada"))
        by_address = at_once(64, lambda n: guess(n, address="198.51.100.1", name=f"name{n}"))

    assert Counter(by_account) == {401: 10, 429: 54}
    assert Counter(by_address) == {401: 10, 429: 54}


def test_parallel_log_ins_that_succeed_do_not_count(tmp_path: Path) -> None:
    names = [f"{user.username}" for user in UserFactory.create_batch(40)]

    with server(tmp_path / "data", RATE_LIMIT_LOGIN="10/hour") as foyer:
        answers = at_once(
            40,
            lambda n: (
                requests.post(
                    f"{foyer.url}/auth",
                    json={"username": names[n], "password": PASSWORD},
                    timeout=TIMEOUT_SECONDS,
                ).status_code
            ),
        )

    assert Counter(answers) == {200: 40}


def test_a_log_out_in_one_server_is_seen_by_the_other_at_once(tmp_path: Path) -> None:
    UserFactory.create(username="ada")

    with server(tmp_path / "data") as one, server(tmp_path / "data") as other:
        for _ in range(5):
            token = requests.post(
                f"{one.url}/auth",
                json={"username": "ada", "password": PASSWORD},
                timeout=TIMEOUT_SECONDS,
            ).json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            for _ in range(4):
                answer = requests.get(f"{other.url}/users/me", headers=headers, timeout=60)
                assert answer.status_code == 200

            assert requests.delete(f"{one.url}/auth", headers=headers, timeout=60).ok

            for _ in range(4):
                answer = requests.get(f"{other.url}/users/me", headers=headers, timeout=60)
                assert answer.status_code == 401

    assert not Session.objects.exists()
