"""Mails over real SMTP: delivered once, tried again when that can help, and safe."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from smtplib import SMTPException

import pytest
import requests
from django.utils import timezone
from pytest_django import Settings

from tests.factories import PASSWORD, UserFactory
from tests.users.concurrency import server
from tests.users.smtp_server import SMTPServer, smtp_server
from users.mail import send_template_email
from users.tasks import send_email_changed, send_password_changed, send_reset_code


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SMTPServer]:
    with smtp_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = running.port
        yield running


def send() -> None:
    send_template_email("reset_code", to="ada@example.org", code="04189263", minutes=10)


class TestDelivery:
    def test_delivery_is_complete(self, smtp: SMTPServer) -> None:
        send()

        (message,) = smtp.messages
        assert message["To"] == "ada@example.org"
        assert message["Subject"] == "Your code for a new password"
        assert message["From"] == "Foyer <foyer@localhost>"
        assert "04189263" in message.get_content()
        assert "10 minutes" in message.get_content()
        assert message.get_content_type() == "text/plain"

    @pytest.mark.parametrize("quit_answer", ["", "421 too busy to say good-bye", "500 what?"])
    def test_delivery_counts_though_the_good_bye_fails(
        self, smtp: SMTPServer, quit_answer: str
    ) -> None:
        """Otherwise the same mail would go out again."""
        smtp.answers["QUIT"] = quit_answer

        send()

        assert len(smtp.messages) == 1

    @pytest.mark.parametrize("template", ["password_changed", "email_changed"])
    def test_delivery_of_notices(self, smtp: SMTPServer, template: str) -> None:
        send_template_email(template, to="ada@example.org", at=timezone.now())

        (message,) = smtp.messages
        assert message["Subject"].startswith("Your ")
        assert "UTC" in message.get_content()
        assert "&#" not in message.get_content()


class TestFailure:
    @pytest.mark.parametrize(
        ("command", "answer"),
        [
            ("RCPT", "450 later"),
            ("MAIL", "451 later"),
            ("DATA", "452 full"),
            ("DATA", ""),
            ("EHLO", "421 busy"),
        ],
    )
    def test_that_may_pass_is_raised_for_another_try(
        self, smtp: SMTPServer, command: str, answer: str
    ) -> None:
        smtp.answers[command] = answer
        if command == "EHLO":
            smtp.answers["HELO"] = answer

        with pytest.raises((SMTPException, OSError)):
            send()

        smtp.answers.clear()
        send()
        assert len(smtp.messages) == 1

    @pytest.mark.parametrize(
        ("command", "answer"),
        [("RCPT", "550 nobody here"), ("MAIL", "553 not you"), ("DATA", "554 no")],
    )
    def test_failure_for_good_is_not(self, smtp: SMTPServer, command: str, answer: str) -> None:
        smtp.answers[command] = answer

        send()

        assert smtp.messages == []

    @pytest.mark.parametrize("command", ["RCPT", "DATA"])
    def test_failure_for_now_is_raised_with_its_codes_and_without_the_address(
        self, smtp: SMTPServer, command: str
    ) -> None:
        smtp.answers[command] = "450 4.7.1 <ada@example.org>: greylisted"

        with pytest.raises(SMTPException, match=r"450 4\.7\.1") as raised:
            send()

        assert "@" not in str(raised.value)
        assert raised.value.__suppress_context__  # a traceback ends there

    @pytest.mark.parametrize("command", ["RCPT", "MAIL", "DATA"])
    def test_failure_for_good_is_logged_with_its_codes_and_without_the_address(
        self, smtp: SMTPServer, command: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        smtp.answers[command] = "550 5.1.1 <ada@example.org>: nobody here"

        send()

        assert "refused for good: reset_code (550 5.1.1)" in caplog.text
        assert "@" not in caplog.text

    @pytest.mark.django_db
    def test_failure_of_the_server_makes_the_task_come_again(self, settings: Settings) -> None:
        UserFactory.create(email="ada@example.org")
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

        with pytest.raises(OSError, match="refused"):
            send_reset_code.call_local("ada@example.org")
        for task in (send_reset_code, send_password_changed, send_email_changed):
            assert task.retries >= 8
            assert task.retry_delay >= 10

    def test_failure_of_a_greylisting_server_lets_a_later_code_through(self) -> None:
        task = send_reset_code.s("ada@example.org")
        passed, tries = 0.0, []
        for number in range(task.retries):
            passed += task.retry_delay * task.retry_backoff**number
            tries.append(passed)

        # Postgrey rejects for 300 s; ten minutes after the request, few people still wait.
        assert any(300 < seconds < 600 for seconds in tries)
        assert tries[0] <= 15


@pytest.mark.parametrize(
    "to", ["ada@example.org\r\nBcc: eve@example.org", "ada@example.org\nX: y", "\r\n", "a\0@b.org"]
)
def test_no_address_adds_a_header(smtp: SMTPServer, to: str) -> None:
    send_template_email("reset_code", to=to, code="04189263", minutes=10)

    assert all(not message["Bcc"] and not message["X"] for message in smtp.messages)
    assert all("eve" not in str(message["To"]) for message in smtp.messages)


@pytest.mark.system
@pytest.mark.usefixtures("owasp_hashes")
@pytest.mark.django_db(transaction=True)
def test_a_running_installation_mails_a_code_that_works_once(
    smtp: SMTPServer, tmp_path: Path
) -> None:
    UserFactory.create(email="ada@example.org")
    new = "ten green bottles"
    email_url = f"smtp://127.0.0.1:{smtp.port}"
    with server(tmp_path / "data", command="runall", EMAIL_URL=email_url) as foyer:

        def post(path: str, **body: str) -> int:
            return requests.post(f"{foyer.url}{path}", json=body, timeout=60).status_code

        assert post("/auth/password/reset", email="ada@example.org") == 202
        deadline = time.monotonic() + 60
        while not smtp.messages and time.monotonic() < deadline:
            time.sleep(0.1)
        (message,) = smtp.messages
        (code,) = re.findall(r"\b[0-9]{8}\b", message.get_content())
        form = {"email": "ada@example.org", "code": code, "password": new}
        assert post("/auth/password/reset/confirm", **form) == 204
        assert post("/auth/password/reset/confirm", **form) == 400
        assert post("/auth", email="ada@example.org", password=PASSWORD) == 401
        assert post("/auth", email="ada@example.org", password=new) == 200
        kept = b"".join(
            path.read_bytes() for path in (tmp_path / "data").glob("*") if path.is_file()
        )
        assert code.encode() not in kept
