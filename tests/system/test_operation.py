"""What an operator looks at: the doctor, figures for Prometheus, reports of errors."""

import re
from pathlib import Path

import pytest
import requests
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sentry_sdk.utils import event_from_exception

from core.logs.sentry import redact_event
from tests.system.installation import Installation

TOKEN = "a-token-of-the-operator-of-32-bytes-and-more"


def migrated(data_dir: Path, **variables: str) -> Installation:
    installation = Installation(data_dir, **variables)
    outcome = installation.manage("migrate", "--verbosity", "0")
    assert outcome.returncode == 0, outcome.stderr
    return installation


class TestDoctor:
    def test_doctor_finds_nothing_bad_in_a_new_installation(self, tmp_path: Path) -> None:
        installation = migrated(tmp_path, GITHUB_API_URL="http://127.0.0.1:9")

        outcome = installation.manage("doctor")

        assert outcome.returncode == 0, outcome.stdout
        assert "ok       database" in outcome.stdout
        assert len(outcome.stdout.splitlines()) <= 25

    def test_doctor_names_what_is_bad(self, tmp_path: Path) -> None:
        installation = Installation(
            tmp_path,
            GITHUB_API_URL="http://127.0.0.1:9",
            EMAIL_URL="smtp://127.0.0.1:9",
            DEBUG="true",
        )

        outcome = installation.manage("doctor")

        assert outcome.returncode == 1
        for line in ("ERROR    database", "ERROR    mail", "ERROR    settings    DEBUG is on"):
            assert line in outcome.stdout
        assert "Traceback" not in outcome.stdout + outcome.stderr


class TestMetrics:
    def test_metrics_tell_of_all_processes_to_who_has_the_token(self, tmp_path: Path) -> None:
        installation = migrated(tmp_path, METRICS_TOKEN=TOKEN)
        with installation.running("run_web"):
            for _ in range(20):
                requests.get(f"{installation.url}/genres", timeout=5)
            requests.get(f"{installation.url}/users/{'0' * 32}/repos", timeout=5)

            refused = requests.get(f"{installation.url}/metrics", timeout=5)
            told = requests.get(
                f"{installation.url}/metrics",
                headers={"Authorization": f"Bearer {TOKEN}"},
                timeout=5,
            )

        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="metrics"'
        assert refused.json()["type"] == "client_error"
        assert told.status_code == 200
        counted = r'foyer_request_seconds_count{method="GET",route="\^?genres\$?",status="200"} 20'
        assert re.search(counted, told.text)
        assert "foyer_tasks_waiting 0.0" in told.text
        assert "0" * 32 not in told.text

    def test_metrics_are_not_there_without_a_token(self, tmp_path: Path) -> None:
        installation = migrated(tmp_path)
        with installation.running("run_web"):
            answer = requests.get(f"{installation.url}/metrics", timeout=5)

        assert answer.status_code == 404


class Mailbox(Transport):
    def __init__(self) -> None:
        super().__init__({"dsn": "http://key@127.0.0.1:9/1"})
        self.received: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.received.append(envelope.serialize().decode())


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "postgresql://foyer:hunter2hunter2@db/foyer",
    ],
)
def test_error_reports_hold_no_secret(secret: str) -> None:
    mailbox = Mailbox()
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:9/1",
        transport=mailbox,
        before_send=redact_event,
        include_local_variables=False,
        default_integrations=False,
    )

    try:
        password = secret
        raise ValueError(f"cannot use {password}")
    except ValueError as error:
        event, hint = event_from_exception(error, client_options=client.options)
        client.capture_event(event, hint)
    client.close()

    (report,) = mailbox.received
    assert "cannot use" in report
    assert secret not in report
    assert "hunter2hunter2" not in report
