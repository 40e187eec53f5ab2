"""The whole life of an account by HTTP: web server of two processes, worker and mail server; on
PostgreSQL and Redis where the suite runs on them."""

import io
import json
import re
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
import requests

from tests.factories import PASSWORD, StaffFactory
from tests.users.concurrency import server
from tests.users.smtp_server import SMTPServer, smtp_server

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.system,
    pytest.mark.usefixtures("owasp_hashes"),
]


@dataclass
class Person:
    url: str
    mailbox: SMTPServer
    token: str = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return requests.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=60)

    def log_in(self, **body: str) -> requests.Response:
        self.token = ""
        response = self.call("POST", "/auth/token", {"username": "ada", **body})
        self.token = response.json().get("access", "")
        return response

    def mail(self, number: int) -> str:
        """The text of the mail of that number, counted from 1, once it is there."""
        until = time.monotonic() + 60
        while len(self.mailbox.messages) < number and time.monotonic() < until:
            time.sleep(0.05)
        return str(self.mailbox.messages[number - 1])

    def code(self, number: int) -> str:
        return str(re.findall(r"Code: ([0-9]{8})", self.mail(number))[0])


def remove_second_factor_in_admin(url: str, user_id: int) -> None:
    with requests.Session() as browser:

        def post(path: str, **fields: Any) -> requests.Response:
            page = browser.get(f"{url}{path}", timeout=60).text
            token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
            return browser.post(
                f"{url}{path}", {"csrfmiddlewaretoken": token, **fields}, timeout=60
            )

        post("/admin/login/", username="staff", password=PASSWORD, next="/admin/")
        done = post(
            "/admin/users/user/", action="remove_second_factor", _selected_action=str(user_id)
        )
        assert "1 without a second factor now" in done.text


def test_from_the_sign_up_to_the_deletion(tmp_path: Path) -> None:
    StaffFactory.create(username="staff", email=None, is_superuser=True)
    with (
        smtp_server() as mailbox,
        server(tmp_path / "data", "runall", EMAIL_URL=f"smtp://127.0.0.1:{mailbox.port}") as foyer,
    ):
        ada = Person(foyer.url, mailbox)

        # Sign up and verify the address.
        body = {"email": "ada@example.org", "username": "ada", "password": PASSWORD}
        signed_up = ada.call("POST", "/auth/signup", body).json()
        ada.token = signed_up["access"]
        assert ada.call("POST", "/auth/email/verify").status_code == 202
        confirmed = ada.call("POST", "/auth/email/verify/confirm", {"code": ada.code(1)})
        assert confirmed.status_code == 204
        assert ada.call("GET", "/users/me").json()["email_verified"] is True

        # Set up a second factor.
        app = pyotp.TOTP(ada.call("POST", "/auth/totp").json()["secret"])
        step = int(time.time()) // 30
        enabled = ada.call("POST", "/auth/totp/confirm", {"code": app.generate_otp(step)})
        recovery_codes = enabled.json()["recovery_codes"]
        assert "asks for a second factor now" in ada.mail(2)

        # Log out, and in again with a code of the app, then with a recovery code.
        assert ada.call("DELETE", "/auth").status_code == 204
        assert ada.call("GET", "/users/me").status_code == 401
        assert ada.log_in(password=PASSWORD).status_code == 401
        assert ada.log_in(password=PASSWORD, otp=app.generate_otp(step + 1)).status_code == 200
        assert ada.log_in(password=PASSWORD, otp=app.generate_otp(step + 1)).status_code == 401
        assert ada.log_in(password=PASSWORD, otp=recovery_codes[0]).status_code == 200
        ada.token = ""
        assert ada.call("POST", "/auth/code", {"email": "ada@example.org"}).status_code == 202
        mailed = {"email": "ada@example.org", "code": ada.code(3)}
        without = ada.call("POST", "/auth/token", mailed)
        assert without.json()["errors"][0]["code"] == "second_factor_required"
        with_it = ada.call("POST", "/auth/token", mailed | {"otp": recovery_codes[1]})
        assert with_it.status_code == 200

        # Lose the phone and the recovery codes: staff remove the second factor.
        remove_second_factor_in_admin(foyer.url, signed_up["id"])
        assert "staff of this installation removed" in ada.mail(4)
        assert ada.log_in(password=PASSWORD).status_code == 200

        # Take everything along, and leave.
        export = ada.call("GET", "/users/me/export")
        archive = zipfile.ZipFile(io.BytesIO(export.content))
        assert json.loads(archive.read("profile.json"))["email"] == "ada@example.org"
        tag = ada.call("GET", "/users/me").headers["ETag"]
        assert ada.call("PATCH", "/users/me", {"first_name": "Ada"}).status_code == 200
        stale = ada.call("DELETE", "/users/me", None, **{"If-Match": tag})
        assert stale.status_code == 412
        assert ada.call("DELETE", "/users/me").status_code == 204
        assert ada.call("GET", "/users/me").status_code == 401
        assert ada.log_in(password=PASSWORD).status_code == 401
