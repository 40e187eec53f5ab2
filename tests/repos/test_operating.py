"""What operators rely on: warnings before a loss, rotation of keys, the crontab entry."""

import logging
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from core import encryption
from repos import selectors
from repos.credentials.services import store_github_credential
from repos.models import GitHubCredential
from repos.tasks import warn_of_loss
from tests.factories import RepositoryFactory, UserFactory

NOW = datetime(2026, 3, 20, 4, 30, tzinfo=UTC)


@pytest.mark.django_db
class TestWarning:
    def test_warning_names_the_date_of_the_first_loss(self) -> None:
        RepositoryFactory.create(last_fetched_at=NOW - timedelta(days=3))
        RepositoryFactory.create(last_fetched_at=NOW - timedelta(days=5))
        RepositoryFactory.create(last_fetched_at=NOW)

        overdue = selectors.overdue(now=NOW)

        assert overdue is not None
        assert (overdue.count, overdue.first_lost.isoformat()) == (2, "2026-03-29")

    @pytest.mark.parametrize(
        ("count", "day", "sentence"),
        [
            (2, 28, "2 repositories were not fetched for two days or more; days will be lost"),
            (1, 29, "1 repository was not fetched for two days or more; days have been lost"),
        ],
    )
    def test_what_has_come_true_is_no_prophecy(self, count: int, day: int, sentence: str) -> None:
        overdue = selectors.Overdue(count, date(2026, 3, 29))

        told = overdue.sentence(today=date(2026, 3, day))

        assert told == f"{sentence} for good from 2026-03-29 on."

    def test_warning_is_silent_while_all_is_well(self) -> None:
        RepositoryFactory.create(last_fetched_at=NOW - timedelta(hours=30))

        assert selectors.overdue(now=NOW) is None

    def test_the_worker_says_it(self, caplog: pytest.LogCaptureFixture) -> None:
        RepositoryFactory.create(last_fetched_at=NOW)
        caplog.set_level(logging.WARNING)

        warn_of_loss.call_local()

        assert "lost for good from 2026-04-03" in caplog.text


@pytest.mark.django_db
class TestRotation:
    def test_the_old_key_can_go(self, settings: Settings) -> None:
        user = UserFactory.create()
        store_github_credential(user=user, token="ghp_x", now=NOW)
        new = "a new key, of at least thirty-two bytes"
        settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]
        out = StringIO()

        call_command("rotate_credentials", stdout=out)
        settings.CREDENTIAL_KEYS = [new]

        assert out.getvalue() == "1 rotated, 0 not readable with any key\n"
        assert encryption.decrypted(GitHubCredential.objects.get().encrypted) == "ghp_x"


CRONTAB = """#!/bin/sh
# Plays crontab(1): -l lists, a file replaces.
set -eu
table=$(dirname "$0")/table
case $1 in
    -l) cat "$table" 2>/dev/null || { echo "no crontab for $USER" >&2; exit 1; } ;;
    *) cp "$1" "$table" ;;
esac
"""


# django-crontab leaves its pipes to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
class TestSchedule:
    @pytest.fixture
    def table(self, tmp_path: Path, settings: Settings) -> Path:
        program = tmp_path / "crontab"
        program.write_text(CRONTAB)
        program.chmod(0o700)
        settings.CRONTAB_EXECUTABLE = str(program)
        table = tmp_path / "table"
        table.write_text("0 0 * * * echo somebody else\n")
        return table

    def schedule(self, action: str) -> str:
        out = StringIO()
        call_command("install_cron", action, stdout=out)
        return out.getvalue()

    def test_schedule_adds_once_shows_and_removes_its_own_entry_alone(self, table: Path) -> None:
        self.schedule("add")
        self.schedule("add")

        other, *ours = table.read_text().splitlines()
        assert other.endswith("somebody else")
        assert len(ours) == 2
        assert all(line.endswith("# foyer traffic") for line in ours)
        assert self.schedule("show").splitlines() == ours
        self.schedule("remove")
        assert table.read_text().splitlines() == [other]
        assert "No entry" in self.schedule("show")

    def test_schedule_leaves_another_installation_alone_and_replaces_a_moved_one(
        self, table: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "manage.py").touch()
        entry = "17 3 * * * python {}/manage.py crontab run 0123 >> cron.log 2>&1 # foyer traffic\n"
        other, moved = entry.format(tmp_path), entry.format("/nowhere")
        table.write_text(other + moved)

        self.schedule("add")
        assert table.read_text().startswith(other)
        assert moved not in table.read_text()
        assert len(self.schedule("show").splitlines()) == 2

        self.schedule("remove")
        assert table.read_text() == other

    def test_schedule_says_what_cron_will_not_see(
        self, table: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")

        said = self.schedule("add")

        assert "GITHUB_TOKEN" in said
        assert "ghp_secret" not in said

    def test_schedule_says_what_is_missing_without_cron(self, settings: Settings) -> None:
        settings.CRONTAB_EXECUTABLE = "/nowhere/crontab"

        with pytest.raises(CommandError, match="Install cron"):
            self.schedule("add")

    def test_schedule_refuses_a_path_that_a_crontab_cannot_hold(
        self, table: Path, settings: Settings
    ) -> None:
        settings.CRONTAB_DJANGO_MANAGE_PATH = "/srv/my foyer/manage.py"

        with pytest.raises(CommandError, match="without spaces"):
            self.schedule("add")
