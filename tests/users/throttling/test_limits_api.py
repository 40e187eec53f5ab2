"""Limits on log-ins, sign-ups and resets."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from core.env import Rate
from tests.conftest import ApiAs
from tests.factories import PASSWORD, UserFactory
from users.models import KnownIP, RateLimit, User
from users.throttling.limits import LimitReached, RateLimitKey, hit, ip_subnet

pytestmark = pytest.mark.django_db

HOME, ABROAD, ELSEWHERE = "192.0.2.1", "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.RATE_LIMIT_LOGIN = settings.RATE_LIMIT_SIGNUP = settings.RATE_LIMIT_RESET = Rate(3, 60)


def log_in(
    api: APIClient,
    name: str,
    password: str = "wrong",
    *,
    address: str = ABROAD,
    path: str = "/auth",
) -> Any:
    return api.post(path, {"username": name, "password": password}, REMOTE_ADDR=address)


def statuses(*answers: Any) -> list[int]:
    return [answer.status_code for answer in answers]


class TestFailedLogIns:
    @pytest.mark.parametrize("name", ["ada", "nobody"])
    def test_failed_log_ins_are_limited_by_name(self, api: APIClient, name: str) -> None:
        UserFactory.create(username="ada")

        answers = [log_in(api, name, address=f"192.0.2.{n}") for n in range(5)]

        assert statuses(*answers) == [401, 401, 401, 429, 429]

    def test_failed_log_ins_are_limited_by_address(self, api: APIClient) -> None:
        answers = [log_in(api, f"name{n}") for n in range(5)]

        assert statuses(*answers) == [401, 401, 401, 429, 429]

    def test_failed_log_ins_of_an_ipv6_customer_share_a_limit(self, api: APIClient) -> None:
        answers = [log_in(api, f"name{n}", address=f"2001:db8:1:2::{n:x}") for n in range(4)]

        assert statuses(*answers) == [401, 401, 401, 429]
        assert log_in(api, "name9", address="2001:db8:1:3::1").status_code == 401

    def test_failed_log_ins_say_when_to_come_back(self, api: APIClient) -> None:
        for n in range(3):
            log_in(api, f"name{n}")

        answer = log_in(api, "name")

        assert 1 <= int(answer["Retry-After"]) <= 60
        assert answer.json()["errors"][0]["code"] == "throttled"
        assert answer.json()["error"]

    def test_at_all_doors_count_together(self, api: APIClient, client: Client) -> None:
        UserFactory.create(username="root", is_staff=True)
        form = {"username": "root", "password": "wrong", "next": "/admin/"}

        log_in(api, "root", address=HOME)
        log_in(api, "root", address=HOME, path="/auth/token")
        assert client.post("/admin/login/", form, REMOTE_ADDR=HOME).status_code == 200

        answer = client.post("/admin/login/", form | {"password": PASSWORD}, REMOTE_ADDR=HOME)
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) >= 1
        assert log_in(api, "root", address=HOME).status_code == 429

    def test_failed_log_ins_by_either_name_are_no_more_guesses(self, api: APIClient) -> None:
        """And the limit by account answers like a wrong password: it must not tell a stranger that
        a name and an address belong together."""
        UserFactory.create(username="ada", email="ada@example.org")
        for n in range(3):
            log_in(api, "ada", address=f"192.0.2.{n}")

        by_email = log_in(api, "ada@example.org", PASSWORD, address=ELSEWHERE)
        of_nobody = log_in(api, "nobody@example.org", PASSWORD, address=ELSEWHERE)

        assert by_email.status_code == 401
        assert by_email.content == of_nobody.content

    def test_failed_log_ins_of_a_past_window_are_forgotten(
        self, api: APIClient, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_LOGIN = Rate(1, 1)
        counter, now = RateLimitKey("test", "subject"), timezone.now()
        hit(counter, rate=Rate(1, 60), now=now)
        with pytest.raises(LimitReached):
            hit(counter, rate=Rate(1, 60), now=now + timedelta(seconds=59.9))

        hit(counter, rate=Rate(1, 60), now=now + timedelta(seconds=60))

    @pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=2)])
    def test_failed_log_ins_under_a_longer_rate_or_a_wrong_clock_are_forgotten(
        self, ahead: timedelta
    ) -> None:
        limit, now = RateLimitKey("log-in", "ada"), timezone.now()
        hit(limit, rate=Rate(1, 86400), now=now + ahead)

        hit(limit, rate=Rate(1, 60), now=now)

        with pytest.raises(LimitReached, match="in 60 seconds"):
            hit(limit, rate=Rate(1, 60), now=now)

    def test_failed_log_ins_count_where_another_machine_is_a_little_ahead(self) -> None:
        limit, now = RateLimitKey("log-in", "ada"), timezone.now()
        hit(limit, rate=Rate(1, 60), now=now + timedelta(seconds=10))

        with pytest.raises(LimitReached):
            hit(limit, rate=Rate(1, 60), now=now)

    def test_failed_log_ins_do_not_name_who_failed(self, api: APIClient) -> None:
        log_in(api, "ada-lovelace")

        assert "lovelace" not in str(list(RateLimit.objects.values()))

    def test_failed_log_ins_are_unlimited_when_off(
        self, api: APIClient, settings: Settings
    ) -> None:
        settings.RATE_LIMIT_LOGIN = None

        assert set(statuses(*[log_in(api, "ada") for _ in range(6)])) == {401}


class TestLogIns:
    def test_that_succeed_do_not_count(self, api: APIClient) -> None:
        UserFactory.create(username="ada")

        assert set(statuses(*[log_in(api, "ada", PASSWORD) for _ in range(8)])) == {200}
        assert statuses(*[log_in(api, "ada") for _ in range(4)]) == [401, 401, 401, 429]

    def test_log_ins_do_not_forgive_failures(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        log_in(api, "ada")
        log_in(api, "ada")
        assert log_in(api, "ada", PASSWORD).status_code == 200

        assert statuses(log_in(api, "ada"), log_in(api, "ada")) == [401, 429]


class TestTheOwner:
    def test_the_owner_keeps_the_session_while_a_stranger_guesses(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        token = log_in(api, "ada", PASSWORD, address=HOME).json()["token"]
        for _ in range(5):
            log_in(api, "ada", address=ABROAD)

        answer = api.get("/users/me", HTTP_AUTHORIZATION=f"Bearer {token}")

        assert answer.status_code == 200

    def test_the_owner_logs_in_from_a_known_address(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        log_in(api, "ada", PASSWORD, address=HOME)
        for _ in range(5):
            log_in(api, "ada", address=ABROAD)

        assert log_in(api, "ada", PASSWORD, address=HOME).status_code == 200
        assert log_in(api, "ada", PASSWORD, address=ELSEWHERE).status_code == 429

    def test_the_owner_logs_in_by_the_other_name_too(self, api: APIClient) -> None:
        UserFactory.create(username="ada", email="ada@example.org")
        log_in(api, "ada", PASSWORD, address=HOME)
        for _ in range(5):
            log_in(api, "ada", address=ABROAD)

        assert log_in(api, "ada@example.org", PASSWORD, address=HOME).status_code == 200

    def test_the_owner_passes_though_the_address_is_used_up(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        log_in(api, "ada", PASSWORD, address=HOME)
        for n in range(4):
            log_in(api, f"name{n}", address=HOME)

        assert log_in(api, "ada", address=HOME).status_code == 429
        assert log_in(api, "ada", PASSWORD, address=HOME).status_code == 200

    def test_a_known_address_is_no_licence_to_guess(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        log_in(api, "ada", PASSWORD, address=HOME)

        answers = [log_in(api, "ada", address=HOME) for _ in range(6)]

        assert statuses(*answers) == [401, 401, 401, 429, 429, 429]
        assert log_in(api, "ada", PASSWORD, address=HOME).status_code == 429

    def test_addresses_are_kept_as_keyed_hashes(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        log_in(api, "ada", PASSWORD, address=HOME)

        assert HOME not in str(list(KnownIP.objects.values()))


ENDPOINTS: list[tuple[str, dict[str, Any]]] = [
    ("/users", {"email": "{0}@e.org", "username": "{0}", "birthdate": "1990-05-17"}),
    ("/auth/signup", {"email": "{0}@e.org"}),
    ("/user", {"username": "{0}"}),
    ("/api/users/create", {"email": "{0}@e.org"}),
]


def sign_up(api: APIClient, endpoint: tuple[str, dict[str, Any]], name: str) -> int:
    path, members = endpoint
    body = {key: value.format(name) for key, value in members.items()}
    return api.post(path, body | {"password": PASSWORD}, REMOTE_ADDR=ABROAD).status_code


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[path for path, _ in ENDPOINTS])
class TestSignUps:
    def test_sign_ups_are_limited_by_address(self, api: APIClient, endpoint: Any) -> None:
        answers = [sign_up(api, endpoint, f"person{n}") for n in range(4)]

        assert {code // 100 for code in answers[:3]} == {2}
        assert answers[3] == 429
        assert User.objects.count() == 3

    def test_asking_who_has_an_account_counts(self, api: APIClient, endpoint: Any) -> None:
        UserFactory.create(username="ada", email="ada@e.org", password="!")

        assert [sign_up(api, endpoint, "ada") for _ in range(4)] == [400, 400, 400, 429]

    def test_mistakes_do_not_count(self, api: APIClient, endpoint: Any) -> None:
        for _ in range(5):
            assert api.post(endpoint[0], {}, REMOTE_ADDR=ABROAD).status_code == 400

        assert sign_up(api, endpoint, "ada") // 100 == 2


class TestEdits:
    """A profile must not tell without limit who has an account."""

    @pytest.mark.parametrize(
        "taken", [{"email": "ADA@example.org"}, {"username": "aDa"}], ids=["email", "username"]
    )
    def test_edits_with_a_taken_name_count_like_sign_ups(
        self, api_as: ApiAs, taken: dict[str, str]
    ) -> None:
        UserFactory.create(username="ada", email="ada@example.org")
        client = api_as(UserFactory.create())

        answers = [client.patch("/users/me", taken) for _ in range(5)]

        assert statuses(*answers) == [400, 400, 400, 429, 429]
        assert "from your network address" in answers[3].json()["error"]
        assert client.post("/auth/signup", {"email": "a@b.org"}).status_code == 429

    def test_edits_of_a_flat_account_count_too(self, api_as: ApiAs) -> None:
        UserFactory.create(email="ada@example.org")
        client = api_as(UserFactory.create(username="bob"))

        answers = [client.put("/user/bob", {"email": "ada@example.org"}) for _ in range(4)]

        assert statuses(*answers) == [400, 400, 400, 429]

    def test_that_succeed_or_change_no_name_do_not_count(self, api_as: ApiAs) -> None:
        user = UserFactory.create(username="bob")
        client = api_as(user)

        for n in range(5):
            assert client.patch("/users/me", {"email": f"bob{n}@example.org"}).status_code == 200
            assert client.patch("/users/me", {"username": "bob", "gender": "x"}).status_code == 400
            assert client.patch("/users/me", {"email": "no address"}).status_code == 400

    def test_edits_do_not_tell_the_password_without_limit(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create(username="bob"))

        answers = [client.put("/user/bob", {"password": f"guess {n}"}) for n in range(4)]

        assert statuses(*answers) == [400, 400, 400, 429]
        assert "for this account" in answers[3].json()["error"]


class TestMessage:
    def test_message_says_who_is_limited_and_for_how_many_seconds(self, api: APIClient) -> None:
        by_account = [log_in(api, "ada", address=f"192.0.2.{n}") for n in range(4)][3]
        by_network = [log_in(api, f"name{n}") for n in range(4)][3]

        for answer, who in ((by_account, "for this account"), (by_network, "your network address")):
            seconds = int(answer["Retry-After"])
            assert who in answer.json()["error"]
            assert f"in {seconds} seconds" in answer.json()["error"]


class TestResets:
    def ask(self, api: APIClient, email: str, address: str = ABROAD) -> int:
        answer = api.post("/auth/password/reset", {"email": email}, REMOTE_ADDR=address)
        return int(answer.status_code)

    @pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
    def test_resets_are_limited_by_email_whoever_has_it(self, api: APIClient, email: str) -> None:
        UserFactory.create(email="ada@example.org")

        answers = [self.ask(api, email, f"192.0.2.{n}") for n in range(4)]

        assert answers == [202, 202, 202, 429]

    def test_resets_are_limited_by_address(self, api: APIClient) -> None:
        answers = [self.ask(api, f"name{n}@example.org") for n in range(4)]

        assert answers == [202, 202, 202, 429]

    def test_codes_are_tried_on_many_accounts_no_faster(self, api: APIClient) -> None:
        answers = [
            api.post(
                "/auth/password/reset/confirm",
                {"email": f"name{n}@example.org", "code": "12345678", "password": PASSWORD},
            ).status_code
            for n in range(4)
        ]

        assert answers == [400, 400, 400, 429]


class TestOldPassword:
    def test_old_password_is_not_found_out_with_a_stolen_token(self, api: APIClient) -> None:
        UserFactory.create(username="ada")
        token = log_in(api, "ada", PASSWORD).json()["token"]
        body = {"old_password": "wrong", "new_password": "ten green bottles"}

        answers = [
            api.put("/users/me/password", body, HTTP_AUTHORIZATION=f"Bearer {token}").status_code
            for _ in range(4)
        ]

        assert answers == [400, 400, 400, 429]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (None, "none"),
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_network_of(address: str | None, network: str) -> None:
    assert ip_subnet(address) == network
