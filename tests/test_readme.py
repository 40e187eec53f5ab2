"""The README's tour works as printed."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

PROJECT = Path(__file__).resolve().parents[1]


@pytest.mark.django_db(transaction=True)
def test_the_tour_works_as_printed(live_server: LiveServer, tmp_path: Path) -> None:
    call_command("import_games", PROJECT / "games" / "catalogue" / "games.csv")
    (tour,) = re.findall(r"```sh\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)

    outcome = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour.replace("http://127.0.0.1:8000", live_server.url)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )

    assert outcome.returncode == 0, outcome.stderr
    assert '"count_female":1' in outcome.stdout
    assert '"play_count": 1' in outcome.stdout
    assert '"ended_at": "2' in outcome.stdout
    assert '"plays": 1' in outcome.stdout
    assert '"This username is taken."' in outcome.stdout
    assert outcome.stdout.endswith("204\n401\n")
