"""Guesses at a code, all at one instant, from two processes' threads."""

from collections import Counter
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from tests.factories import UserFactory
from tests.users.codes.issuing import issue_reset_code
from tests.users.concurrency import at_once, server
from users.models import MailedCode

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.system,
    pytest.mark.usefixtures("owasp_hashes"),
]


def test_parallel_uses_of_a_code_have_one_winner_and_guesses_cost_attempts(tmp_path: Path) -> None:
    with server(tmp_path / "data") as foyer:
        UserFactory.create(email="ada@example.org")
        code = _issued_by(foyer.data_dir)

        def confirm(code: str) -> int:
            body = {"email": "ada@example.org", "code": code, "password": "ten green bottles"}
            return requests.post(
                f"{foyer.url}/auth/password/reset/confirm", json=body, timeout=60
            ).status_code

        assert Counter(at_once(8, lambda _: confirm(code)))[204] == 1
        code = _issued_by(foyer.data_dir)
        MailedCode.objects.update(attempts=0, last_attempt_at=None)
        wrong = f"{(int(code) + 1) % 10**8:08}"

        assert Counter(at_once(32, lambda _: confirm(wrong))) == {400: 32}

        assert MailedCode.objects.get().attempts == 5
        assert confirm(code) == 400


def _issued_by(data_dir: Path) -> str:
    """As the server's own worker does, which keys the rows with the server's secret."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SECRET_KEY", (data_dir / "secret_key").read_text().strip())
        return str(issue_reset_code(email="ada@example.org", now=timezone.now()))
