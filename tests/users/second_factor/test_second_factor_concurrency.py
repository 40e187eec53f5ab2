"""One code used many times at one instant, in the threads of two processes: exactly one wins."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyotp
import pytest
import requests
from django.conf import settings
from django.utils import timezone

from tests.factories import PASSWORD, UserFactory
from tests.users.codes.issuing import issue
from tests.users.concurrency import at_once, server
from users.codes.services import LOG_IN
from users.models import RecoveryCode, Session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.system,
    pytest.mark.usefixtures("owasp_hashes"),
]

LOG_INS = 32


def test_one_code_of_the_app_and_one_recovery_code_log_in_once(tmp_path: Path) -> None:
    UserFactory.create(username="ada", email="ada@example.org")
    with server(tmp_path / "data", RATE_LIMIT_LOGIN="off") as foyer:

        def post(path: str, body: Any = None, token: str = "") -> requests.Response:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return requests.post(f"{foyer.url}{path}", json=body, headers=headers, timeout=120)

        log_in = {"username": "ada", "password": PASSWORD}
        access = post("/auth/token", log_in).json()["access"]
        app = pyotp.TOTP(post("/auth/totp", token=access).json()["secret"])
        step = app.timecode(timezone.now())
        confirmation = post("/auth/totp/confirm", {"code": app.generate_otp(step)}, access)
        recovery_code = confirmation.json()["recovery_codes"][0]
        Session.objects.all().delete()

        # The next one, which is taken early: that of now is used up.
        next_code = app.generate_otp(app.timecode(timezone.now()) + 1)
        by_app = at_once(
            LOG_INS, lambda _: post("/auth/token", log_in | {"otp": next_code}).status_code
        )
        by_recovery_code = at_once(
            LOG_INS, lambda _: post("/auth/token", log_in | {"otp": recovery_code}).status_code
        )

        assert Counter(by_app) == {200: 1, 401: LOG_INS - 1}
        assert Counter(by_recovery_code) == {200: 1, 401: LOG_INS - 1}
        assert Session.objects.count() == 2
        assert RecoveryCode.objects.count() == 9


def test_one_mailed_code_logs_in_once(tmp_path: Path) -> None:
    UserFactory.create(email="ada@example.org")
    with server(tmp_path / "data", RATE_LIMIT_LOGIN="off") as foyer:
        with pytest.MonkeyPatch.context() as patch:
            # As the server's own worker does, which keys the rows with the server's secret.
            secret = (foyer.data_dir / "secret_key").read_text().strip()
            patch.setattr(settings, "SECRET_KEY", secret)
            code = issue(LOG_IN, email="ada@example.org", now=timezone.now())
        body = {"email": "ada@example.org", "code": code}

        def log_in(_: int) -> int:
            return requests.post(f"{foyer.url}/auth/token", json=body, timeout=120).status_code

        assert Counter(at_once(LOG_INS, log_in)) == {200: 1, 401: LOG_INS - 1}
        assert Session.objects.count() == 1
