"""From the schema of the version before and back, as docs/operations.md says."""

from pathlib import Path

from tests.system.installation import Installation

# Changed together with the way back in docs/operations.md.
BEFORE = ("repos 0001", "playsessions 0001", "games 0001", "organizations 0004", "users 0003")

ONWARD_AND_BACK = f"""
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

BEFORE = {BEFORE}


def onward():
    call_command("migrate", verbosity=0)

def back():
    for target in BEFORE:
        call_command("migrate", *target.split(), verbosity=0)

def of_staff():
    return sorted(Group.objects.get().permissions.values_list("codename", flat=True))

onward()
back()
group = Group.objects.create(name="Editors")
old = ("view_repository", "delete_repository", "delete_knownaddress")
group.permissions.set(Permission.objects.filter(codename__in=old))
for _ in range(2):
    onward()
    assert of_staff() == ["delete_knownip", "delete_trackedrepository", "view_trackedrepository"]
    back()
    assert of_staff() == ["delete_knownaddress", "delete_repository", "view_repository"]
onward()
call_command("migrate", "--check", verbosity=0)
"""


def test_staff_keep_their_permissions_onward_and_back(tmp_path: Path) -> None:
    outcome = Installation(tmp_path).manage("shell", "-v0", "-c", ONWARD_AND_BACK)

    assert outcome.returncode == 0, outcome.stderr


def test_the_way_back_is_documented() -> None:
    operations = Path(__file__).parents[2] / "docs" / "operations.md"

    assert all(f"manage.py migrate {target}\n" in operations.read_text() for target in BEFORE)
