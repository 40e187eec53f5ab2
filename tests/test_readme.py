"""The README's tours work as printed."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from tests.users.codes.issuing import mailed_code

PROJECT = Path(__file__).resolve().parents[1]


def tours(live_server: LiveServer) -> list[str]:
    found = re.findall(r"```sh\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    return [
        tour.replace("http://127.0.0.1:8000", live_server.url).replace(
            ".venv/bin/python", sys.executable
        )
        for tour in found
    ]


@pytest.mark.system
@pytest.mark.django_db(transaction=True)
def test_the_tours_work_as_printed(live_server: LiveServer, tmp_path: Path) -> None:
    call_command("import_games", PROJECT / "games" / "catalogue" / "games.csv")
    first, second = tours(live_server)

    outcome = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", first],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )

    assert outcome.returncode == 0, outcome.stderr
    assert '"count_female": 1' in outcome.stdout
    assert '"play_count": 1' in outcome.stdout
    assert '"ended_at": "2' in outcome.stdout
    assert '"plays": 1' in outcome.stdout
    assert '"This username is taken. If it is yours, log in' in outcome.stdout
    assert outcome.stdout.endswith("204\n401\n")

    mail.outbox.clear()
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", second],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as typing:
        until = time.monotonic() + 30
        while not mail.outbox and time.monotonic() < until:
            time.sleep(0.05)
        printed, _ = typing.communicate(f"{mailed_code()}\n", timeout=60)

    assert typing.returncode == 0
    assert "verified: True" in printed
    assert "second_factor_required" in printed
    assert '"refresh": "' in printed
    assert "profile.json" in printed
