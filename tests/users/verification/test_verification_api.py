"""Proving an email address."""

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from core.env import Rate
from tests.conftest import ApiAs
from tests.factories import PASSWORD, UserFactory
from tests.users.codes.issuing import another, issue, mailed_code
from users.codes.services import LOG_IN, PASSWORD_RESET
from users.models import MailedCode, User

pytestmark = pytest.mark.django_db


def ask(client: APIClient) -> str:
    assert client.post("/auth/email/verify").status_code == 202
    return mailed_code()


def confirm(client: APIClient, code: object) -> Any:
    return client.post("/auth/email/verify/confirm", {"code": code})


def is_verified(client: APIClient) -> bool:
    return bool(client.get("/users/me").json()["email_verified"])


class TestVerification:
    def test_a_mailed_code_verifies_the_address(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create(email="ada@example.org"))

        code = ask(client)
        assert mail.outbox[-1].to == ["ada@example.org"]
        assert not is_verified(client)

        assert confirm(client, code).status_code == 204
        assert is_verified(client)

    def test_verification_needs_a_token(self, api: APIClient) -> None:
        assert api.post("/auth/email/verify").status_code == 401
        assert confirm(api, "12345678").status_code == 401

    def test_an_account_without_an_address_has_nothing_to_verify(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create(email=None))

        assert client.post("/auth/email/verify").status_code == 409
        assert confirm(client, "12345678").status_code == 409

    def test_a_code_works_once(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        code = ask(client)
        confirm(client, code)

        assert confirm(client, code).status_code == 400

    def test_a_code_proves_no_address_that_came_after_it(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create(email="ada@example.org"))
        code = ask(client)
        client.patch("/users/me", {"email": "ada@example.com"})

        assert confirm(client, code).status_code == 400
        assert not is_verified(client)

    def test_a_changed_address_is_unverified_and_so_it_stays_when_changed_back(
        self, api_as: ApiAs
    ) -> None:
        client = api_as(UserFactory.create(email="ada@example.org"))
        confirm(client, ask(client))

        client.patch("/users/me", {"email": "ada@example.com"})
        assert not is_verified(client)
        client.patch("/users/me", {"email": "ada@example.org"})
        assert not is_verified(client)

    def test_the_code_of_somebody_else_does_not_work(self, api_as: ApiAs) -> None:
        ada, eve = api_as(UserFactory.create()), api_as(UserFactory.create())
        code = ask(ada)
        ask(eve)

        assert confirm(eve, code).status_code == 400

    @pytest.mark.parametrize("kind", [PASSWORD_RESET, LOG_IN])
    def test_codes_of_other_purposes_do_not_work(self, api_as: ApiAs, kind: Any) -> None:
        client = api_as(UserFactory.create(email="ada@example.org"))

        code = issue(kind, email="ada@example.org", now=timezone.now())

        assert confirm(client, code).status_code == 400

    def test_a_code_of_verification_sets_no_password_and_logs_nobody_in(
        self, api: APIClient, api_as: ApiAs
    ) -> None:
        code = ask(api_as(UserFactory.create(email="ada@example.org")))
        body = {"email": "ada@example.org", "code": code}

        reset = api.post("/auth/password/reset/confirm", body | {"password": "ten green bottles"})

        assert reset.status_code == 400
        assert api.post("/auth/token", body).status_code == 401

    def test_five_wrong_codes_block_the_right_one(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create())
        code = ask(client)
        for n in range(1, 6):
            assert confirm(client, another(code, n)).status_code == 400

        assert confirm(client, code).status_code == 400
        assert confirm(client, ask(client)).status_code == 400

    def test_the_request_is_limited(self, api_as: ApiAs, settings: Settings) -> None:
        settings.RATE_LIMIT_RESET = Rate(2, 60)
        client = api_as(UserFactory.create())

        statuses = [client.post("/auth/email/verify").status_code for _ in range(3)]

        assert statuses == [202, 202, 429]


class TestChange:
    """Another address, verified before it is the account's."""

    def ask(self, client: APIClient, email: str) -> str:
        assert client.post("/auth/email/change", {"email": email}).status_code == 202
        return mailed_code()

    def confirm(self, client: APIClient, email: str, code: str) -> int:
        answer = client.post("/auth/email/change/confirm", {"email": email, "code": code})
        return int(answer.status_code)

    def test_the_proven_address_replaces_the_old_one_which_is_told(
        self, api_as: ApiAs, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        client = api_as(UserFactory.create(email="ada@example.org"))
        code = self.ask(client, "ADA@example.com")
        assert mail.outbox[-1].to == ["ada@example.com"]

        with django_capture_on_commit_callbacks(execute=True):
            assert self.confirm(client, "ADA@example.com", code) == 204

        me = client.get("/users/me").json()
        assert (me["email"], me["email_verified"]) == ("ada@example.com", True)
        assert mail.outbox[-1].to == ["ada@example.org"]

    def test_an_unverified_holder_goes_on_without_the_address_and_is_told(
        self, api_as: ApiAs, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        holder = UserFactory.create(email="ada@example.org", username=None)
        held = api_as(holder)
        client = api_as(UserFactory.create(username="ada", email=None))

        with django_capture_on_commit_callbacks(execute=True):
            code = self.ask(client, "ada@example.org")
            assert self.confirm(client, "ada@example.org", code) == 204

        assert client.get("/users/me").json()["email"] == "ada@example.org"
        remains = held.get("/users/me").json()
        assert (remains["id"], remains["email"]) == (holder.pk, None)
        assert remains["username"]
        assert remains["username"] in str(mail.outbox[-1].body)

    def test_an_address_that_another_account_has_verified_gets_no_code(self, api_as: ApiAs) -> None:
        UserFactory.create(email="ada@example.org", email_verified=True)
        client = api_as(UserFactory.create(email=None))

        answer = client.post("/auth/email/change", {"email": "ada@example.org"})

        assert answer.status_code == 202
        assert mail.outbox == []

    def test_an_address_that_was_verified_in_between_stays_with_its_account(
        self, api_as: ApiAs
    ) -> None:
        client = api_as(UserFactory.create(email=None))
        code = self.ask(client, "ada@example.org")
        UserFactory.create(email="ada@example.org", email_verified=True)

        assert self.confirm(client, "ada@example.org", code) == 400
        assert User.objects.get(email="ada@example.org").email_verified

    def test_a_wrong_code_costs_an_attempt(self, api_as: ApiAs) -> None:
        client = api_as(UserFactory.create(email=None))
        code = self.ask(client, "ada@example.org")

        assert self.confirm(client, "ada@example.org", another(code)) == 400

        assert MailedCode.objects.get().attempts == 1


class TestRequired:
    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.EMAIL_VERIFICATION = "required"

    @pytest.mark.parametrize("path", ["/auth", "/auth/token"])
    def test_an_unverified_address_cannot_log_in(self, api: APIClient, path: str) -> None:
        UserFactory.create(username="ada")

        answer = api.post(path, {"username": "ada", "password": PASSWORD})

        assert answer.status_code == 403
        assert answer.json()["errors"][0]["code"] == "email_not_verified"

    def test_a_wrong_password_tells_nothing(self, api: APIClient) -> None:
        UserFactory.create(username="ada")

        assert api.post("/auth", {"username": "ada", "password": "wrong"}).status_code == 401

    def test_an_account_without_an_address_logs_in(self, api: APIClient) -> None:
        UserFactory.create(username="ada", email=None)

        assert api.post("/auth", {"username": "ada", "password": PASSWORD}).status_code == 200

    def test_the_session_of_the_sign_up_is_a_way_in(self, api: APIClient) -> None:
        body = {"email": "ada@example.org", "password": PASSWORD}
        access = api.post("/auth/signup", body).json()["access"]
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")

        assert confirm(api, ask(api)).status_code == 204

        assert api.post("/auth/token", body).status_code == 200

    def test_a_log_in_by_code_is_a_way_in(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        api.post("/auth/code", {"email": "ada@example.org"})
        body = {"email": "ada@example.org"}

        assert api.post("/auth/token", body | {"code": mailed_code()}).status_code == 200
        assert api.post("/auth/token", body | {"password": PASSWORD}).status_code == 200

    def test_the_admin_is_closed_too(self, client: Any) -> None:
        UserFactory.create(username="ada", is_staff=True, is_superuser=True)

        answer = client.post("/admin/login/", {"username": "ada", "password": PASSWORD})

        assert answer.status_code == 200
        assert "Verify your email address first" in answer.content.decode()
