"""Moving from SQLite to PostgreSQL loses nothing."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.postgresql.servers import needs_postgresql, scratch_database, value_of
from tests.system.installation import Installation

A_LIFE = """
from datetime import UTC, date, datetime
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.core.management import call_command
from organizations.models import Organization
from playsessions.models import PlaySession
from repos.demo import create_demo_traffic
from tests.factories import GameFactory, UserFactory
from users.sessions.services import Device, open_session

call_command("migrate", verbosity=0)
now = timezone.now()
ada = UserFactory.create(first_name="Ada \\u0130\\u00df\\U0001f600", avatar="avatars/a/b.png",
                         data={"big": 2**63 - 1, "float": 0.1, "list": [None, True, "\\u00e9"]})
UserFactory.create_batch(3)
club = Organization.objects.create(name="Club", creator=ada)
Organization.objects.update(created_at=datetime(2020, 2, 29, 1, 2, 3, 456789, tzinfo=UTC))
ada.memberships.create(organization=club, role='owner')
group = Group.objects.create(name="Editors")
group.permissions.set(Permission.objects.all()[:5])
ada.groups.add(group)
LogEntry.objects.create(user=ada, content_type=ContentType.objects.get_for_model(Organization),
                        object_id=str(club.pk), object_repr="Club", action_flag=1)
PlaySession.objects.create(user=ada, game=GameFactory.create(), created_at=now,
                           idempotency_key="\\u00fc", request_digest=bytes(range(32)))
open_session(user=ada, device=Device(ip_address="2001:db8::1", user_agent="test"), now=now)
create_demo_traffic(user=ada, now=now)
UserFactory.create(username="gone").delete()
"""


def place(url: str, folder: Path) -> Installation:
    return Installation(folder / "data", DATABASE_URL=url)


@needs_postgresql
def test_every_row_arrives_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "foyer.sqlite3"
    sqlite = place(f"sqlite:///{file}", tmp_path)
    lived = sqlite.manage("shell", "-v0", "-c", A_LIFE)
    assert lived.returncode == 0, lived.stderr

    with scratch_database() as url:
        postgresql = place(url, tmp_path)
        copied = postgresql.manage("copy_from_sqlite", str(file))
        assert copied.returncode == 0, copied.stderr
        before, after = (place.manage("dumpdata", "--all") for place in (sqlite, postgresql))
        again = postgresql.manage("copy_from_sqlite", str(file))
        last_id = value_of(url, "SELECT last_value FROM users_user_id_seq")

    def rows(dump: subprocess.CompletedProcess[str]) -> dict[str, object]:
        return {f"{row['model']} {row['pk']}": row["fields"] for row in json.loads(dump.stdout)}

    assert len(rows(before)) > 200
    assert rows(after) == rows(before)
    assert (again.returncode, "not empty" in again.stderr) == (1, True)
    # Ids 1 to 4 live, 5 was deleted: nobody gets it again.
    assert last_id == 5


@needs_postgresql
@pytest.mark.parametrize("migrated", [False, True])
def test_an_old_or_missing_file_is_refused(tmp_path: Path, migrated: bool) -> None:
    file = tmp_path / "foyer.sqlite3"
    if migrated:
        place(f"sqlite:///{file}", tmp_path).manage("migrate", "-v0", "users", "0001")

    with scratch_database() as url:
        refused = place(url, tmp_path).manage("copy_from_sqlite", str(file))

    assert refused.returncode == 1
    assert ("older version" if migrated else "does not exist") in refused.stderr
    assert "Traceback" not in refused.stderr


@needs_postgresql
def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "foyer.sqlite3"
    file.write_text("The quick brown fox jumps over the lazy dog.\n" * 99)

    with scratch_database() as url:
        refused = place(url, tmp_path).manage("copy_from_sqlite", str(file))

    assert refused.returncode == 1
    assert f"{file} cannot be read as an SQLite database" in refused.stderr
    assert "Traceback" not in refused.stderr
