"""A new password by a code that comes by mail."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from tests.conftest import ApiAs
from tests.factories import PASSWORD, UserFactory
from tests.users.codes.issuing import another, issue_reset_code
from users.models import MailedCode, Session, User
from users.passwords.services import change_password
from users.sessions.services import Device, open_session

pytestmark = pytest.mark.django_db

NEW = "ten green bottles"


def ask(api: APIClient, email: str) -> str:
    """The code in the mail that the call sends."""
    mail.outbox.clear()
    assert api.post("/auth/password/reset", {"email": email}).status_code == 202
    (message,) = mail.outbox
    (code,) = re.findall(r"\b[0-9]{8}\b", str(message.body))
    return str(code)


def confirm(api: APIClient, email: str, code: object, password: str = NEW) -> Any:
    return api.post(
        "/auth/password/reset/confirm", {"email": email, "code": code, "password": password}
    )


class TestAsking:
    def test_asking_mails_a_code_to_the_address(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")

        code = ask(api, "ADA@Example.org")

        (message,) = mail.outbox
        assert message.to == ["ada@example.org"]
        assert code not in message.subject

    def test_asking_answers_alike_whoever_has_the_address(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        UserFactory.create(email="off@example.org", is_active=False)
        mail.outbox.clear()

        answers = [
            api.post("/auth/password/reset", {"email": email})
            for email in ("ada@example.org", "off@example.org", "nobody@example.org")
        ]

        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.content for answer in answers}) == 1
        assert [message.to for message in mail.outbox] == [["ada@example.org"]]

    @pytest.mark.parametrize(
        "email", ["", "ada", "ada@example.org\r\nBcc: eve@example.org", "a@b\n.org", 1, None, []]
    )
    def test_asking_refuses_what_is_no_address(self, api: APIClient, email: object) -> None:
        assert api.post("/auth/password/reset", {"email": email}).status_code == 400
        assert mail.outbox == []

    def test_asking_keeps_no_code_at_rest(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")

        code = ask(api, "ada@example.org")

        row = MailedCode.objects.values().get()
        assert code not in str(row)
        assert "argon2id" in row["code_hash"]
        assert "ada@example.org" not in str(row)


class TestConfirming:
    def test_confirming_sets_the_password_and_ends_all_sessions(
        self, api: APIClient, api_as: ApiAs
    ) -> None:
        user = UserFactory.create(email="ada@example.org")
        logged_in = api_as(user)

        assert confirm(api, "ada@example.org", ask(api, "ada@example.org")).status_code == 204

        assert logged_in.get("/users/me").status_code == 401
        log_in = {"email": "ada@example.org"}
        assert api.post("/auth/token", log_in | {"password": PASSWORD}).status_code == 401
        assert api.post("/auth/token", log_in | {"password": NEW}).status_code == 200

    def test_confirming_verifies_the_address(self, api: APIClient, api_as: ApiAs) -> None:
        user = UserFactory.create(email="ada@example.org")
        assert api_as(user).get("/users/me").json()["email_verified"] is False

        confirm(api, "ada@example.org", ask(api, "ada@example.org"))

        assert api_as(user).get("/users/me").json()["email_verified"] is True

    def test_confirming_tells_the_owner(
        self, api: APIClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        mail.outbox.clear()

        with django_capture_on_commit_callbacks(execute=True):
            confirm(api, "ada@example.org", code)

        (message,) = mail.outbox
        assert message.to == ["ada@example.org"]
        assert message.subject == "Your password was changed"

    def test_confirming_gives_an_account_without_a_password_its_first_one(
        self, api: APIClient
    ) -> None:
        user = UserFactory.create(email="e@example.org")
        user.set_unusable_password()
        user.save()

        assert confirm(api, "e@example.org", ask(api, "e@example.org")).status_code == 204

        answer = api.post("/auth/token", {"email": "e@example.org", "password": NEW})
        assert answer.status_code == 200

    def test_a_code_works_once(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        confirm(api, "ada@example.org", code)

        assert confirm(api, "ada@example.org", code, "another fine password").status_code == 400

    def test_the_newest_code_alone_works(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        first, second = ask(api, "ada@example.org"), ask(api, "ada@example.org")

        assert confirm(api, "ada@example.org", first).status_code == 400
        assert confirm(api, "ada@example.org", second).status_code == 204

    def test_the_sixth_attempt_fails_even_when_right(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        for n in range(1, 6):
            assert confirm(api, "ada@example.org", another(code, n)).status_code == 400

        assert confirm(api, "ada@example.org", code).status_code == 400

    def test_the_fifth_attempt_works(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        for n in range(1, 5):
            confirm(api, "ada@example.org", another(code, n))

        assert confirm(api, "ada@example.org", code).status_code == 204

    def test_a_new_code_brings_no_new_attempts(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        for _ in range(5):
            confirm(api, "ada@example.org", another(ask(api, "ada@example.org")))

        assert confirm(api, "ada@example.org", ask(api, "ada@example.org")).status_code == 400

    def test_attempts_come_back_ten_minutes_after_the_last(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        for n in range(1, 6):
            confirm(api, "ada@example.org", another(code, n))
        MailedCode.objects.update(last_attempt_at=timezone.now() - timedelta(minutes=10))

        assert confirm(api, "ada@example.org", ask(api, "ada@example.org")).status_code == 204

    def test_what_is_no_code_costs_no_attempt(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")

        for shape in ("1234567", "123456789", "abcdefgh", "1234 567", 10**8, True, None, 12.5):
            answer = confirm(api, "ada@example.org", shape)
            assert answer.status_code == 400
            assert answer.json()["errors"][0]["attr"] == "code"
        for _ in range(6):
            assert confirm(api, "nobody@example.org", code).status_code == 400

        assert confirm(api, "ada@example.org", code).status_code == 204

    @pytest.mark.parametrize(
        "typed",
        [
            lambda code: f" {code[:4]} {code[4:]}\u200b",
            lambda code: f"{code[:4]}-{code[4:]}",
            lambda code: f"{code[:2]}\u2011{code[2:]}\u00a0",
            lambda code: "".join(chr(0x0660 + int(digit)) for digit in code),
            lambda code: "".join(chr(0xFF10 + int(digit)) for digit in code),
            int,
        ],
    )
    def test_confirming_takes_a_code_as_people_type_it(self, api: APIClient, typed: Any) -> None:
        UserFactory.create(email="ada@example.org")

        code = typed(ask(api, "ada@example.org"))

        assert confirm(api, "ada@example.org", code).status_code == 204

    def test_no_code_is_the_same_for_every_account(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")

        known = confirm(api, "ada@example.org", "123")
        unknown = confirm(api, "nobody@example.org", "123")

        assert known.status_code == unknown.status_code == 400
        assert known.content == unknown.content
        assert "The code is 8 digits" in known.json()["error"]

    def test_the_refusal_and_the_mail_say_when_a_code_works_again(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        for n in range(1, 6):
            answer = confirm(api, "ada@example.org", another(code, n))

        ask(api, "ada@example.org")

        assert "wait 10 minutes" in answer.json()["error"]
        assert "no code works before" in str(mail.outbox[-1].body)

    def test_a_weak_password_costs_neither_attempt_nor_code(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org", username="lovelace-countess")
        code = ask(api, "ada@example.org")

        for password in ("short", "password", "lovelace-countess", "12345678901"):
            for _ in range(2):
                answer = confirm(api, "ada@example.org", code, password)
                assert answer.status_code == 400
                assert {error["attr"] for error in answer.json()["errors"]} == {"password"}

        assert confirm(api, "ada@example.org", code).status_code == 204

    def test_confirming_works_for_ten_minutes(self, api: APIClient) -> None:
        UserFactory.create(email="ada@example.org")
        now = timezone.now()
        code = issue_reset_code(email="ada@example.org", now=now)
        assert MailedCode.objects.get().expires_at == now + timedelta(minutes=10)
        MailedCode.objects.update(expires_at=now)

        assert confirm(api, "ada@example.org", str(code)).status_code == 400

    def test_wrong_old_used_and_foreign_codes_get_one_answer(self, api: APIClient) -> None:
        for name in ("used", "wrong", "old", "eve", "off"):
            UserFactory.create(email=f"{name}@example.org")
        used = ask(api, "used@example.org")
        confirm(api, "used@example.org", used)
        wrong = another(ask(api, "wrong@example.org"))
        old = ask(api, "old@example.org")
        MailedCode.objects.update(expires_at=timezone.now())
        foreign = ask(api, "wrong@example.org")
        off = ask(api, "off@example.org")
        User.objects.filter(email="off@example.org").update(is_active=False)

        answers = [
            confirm(api, "used@example.org", used),
            confirm(api, "wrong@example.org", wrong),
            confirm(api, "old@example.org", old),
            confirm(api, "eve@example.org", foreign),
            confirm(api, "off@example.org", off),
            confirm(api, "nobody@example.org", wrong),
        ]

        assert {answer.status_code for answer in answers} == {400}
        assert len({answer.content for answer in answers}) == 1

    def test_a_code_dies_with_a_change_of_the_address(self, api: APIClient) -> None:
        user = UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        User.objects.filter(pk=user.pk).update(email="ada@example.com")

        assert confirm(api, "ada@example.org", code).status_code == 400
        assert confirm(api, "ada@example.com", code).status_code == 400

    def test_a_code_dies_with_a_change_of_the_password(self, api: APIClient) -> None:
        user = UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        change(user)

        assert confirm(api, "ada@example.org", code, "another fine password").status_code == 400

    def test_a_code_dies_with_its_account(self, api: APIClient) -> None:
        user = UserFactory.create(email="ada@example.org")
        code = ask(api, "ada@example.org")
        user.delete()
        UserFactory.create(email="ada@example.org")

        assert confirm(api, "ada@example.org", code).status_code == 400


def change(user: User) -> Session:
    """Change the password to NEW from a session of its own."""
    now = timezone.now()
    open_session(user=user, device=Device(ip_address=None, user_agent=""), now=now)
    session = Session.objects.filter(user=user).latest("created_at")
    change_password(user=user, session=session, old_password=PASSWORD, new_password=NEW, now=now)
    return session


class TestChangingIt:
    def test_both_passwords_are_judged_at_once(self, api_as: ApiAs) -> None:
        answer = api_as(UserFactory.create()).put(
            "/users/me/password", {"old_password": "not this one", "new_password": "short"}
        )

        assert answer.status_code == 400
        assert [(error["attr"], error["code"]) for error in answer.json()["errors"]] == [
            ("old_password", "wrong_password"),
            ("new_password", "password_too_short"),
        ]

    def test_changing_it_ends_every_other_session(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        elsewhere = api_as(user)

        present = change(user)

        assert elsewhere.get("/users/me").status_code == 401
        assert list(Session.objects.filter(user=user)) == [present]

    def test_changing_it_tells_the_owner(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        user = UserFactory.create(email="ada@example.org")

        with django_capture_on_commit_callbacks(execute=True):
            change(user)

        assert [message.to for message in mail.outbox] == [["ada@example.org"]]


class TestOthersSettingIt:
    """Staff in the admin, or `manage.py changepassword`."""

    def test_others_setting_it_ends_every_session(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        client = api_as(user)

        user.set_password(NEW)
        user.save()

        assert client.get("/users/me").status_code == 401

    def test_admin_form_ends_every_session(self, api_as: ApiAs, client: Client) -> None:
        user = UserFactory.create()
        staff = UserFactory.create(is_staff=True, is_superuser=True)
        logged_in = api_as(user)
        client.force_login(staff)

        answer = client.post(
            f"/admin/users/user/{user.pk}/password/", {"password1": NEW, "password2": NEW}
        )

        assert answer.status_code == 302
        assert logged_in.get("/users/me").status_code == 401


class TestDeactivation:
    def test_deactivation_ends_every_session_for_good(self, api_as: ApiAs) -> None:
        user = UserFactory.create()
        client = api_as(user)

        user.is_active = False
        user.save()
        assert client.get("/users/me").status_code == 401

        user.is_active = True
        user.save()
        assert client.get("/users/me").status_code == 401
