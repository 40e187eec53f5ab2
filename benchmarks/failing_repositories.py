"""A daily run in which a third of the repositories fail, each in its own way:
`python -m benchmarks.failing_repositories [REPOSITORIES]`, 10,000 by default.

GitHub is the server of the tests, in a process of its own. Of 30 repositories GitHub rejects the
token of two, has enough of that of one, has none for one, and six fail by themselves; one was
renamed, which is no failure. Prints what each kind was told, and fails unless every healthy
repository is complete. In a temporary folder on SQLite, or on the empty database of DATABASE_URL.
"""

import io
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from benchmarks.servers import PROJECT, github_stand_in

# Names of tests.repos.fault_injection that take no longer than two more tries.
KINDS = (
    "404", "410", "451", "403 push access", "403 fine-grained", "403 app", "403 single sign-on",
    "403 unexplained", "400", "204", "304 unasked", "429 with Retry-After", "primary limit", "401",
    "500", "502 in HTML", "503", "504", "reset", "closed at once", "truncated", "corrupt gzip",
    "no HTTP", "empty body", "garbage", "HTML", "null", "array for object", "deep nesting",
    "no days", "count is text", "count is negative", "count beyond 64 bits", "day long ago",
    "a day twice", "redirect to another host", "redirect in circles", "redirect nowhere",
)  # fmt: skip
BY_TOKEN = {0: "revoked", 1: "revoked", 2: "limited", 3: "without a token"}
FAULTY = range(4, 10)
RENAMED = 10
GOOD_USERS = 8
DAYS = 13


def kind_of(number: int) -> str:
    block, place = divmod(number, 30)
    if place in FAULTY:
        return KINDS[(block * len(FAULTY) + place) % len(KINDS)]
    return "renamed" if place == RENAMED else BY_TOKEN.get(place, "healthy")


def serve(count: int) -> None:
    """The other process: print the address, then play GitHub until standard input closes."""
    from tests.repos.fault_injection import FAULTS  # noqa: PLC0415
    from tests.repos.github_server import FakeRelease, GitHubServer, Handler, Traffic  # noqa: PLC0415

    today = datetime.now(UTC).date()
    traffic = {today - timedelta(days=n): Traffic(90 + n, 40, 12, 7) for n in range(16)}
    by_token = {"ghp_revoked": FAULTS["401"], "ghp_limited": FAULTS["primary limit"]}

    def reject_token(handler: Handler) -> bool:
        fault = by_token.get(handler.headers["Authorization"].removeprefix("Bearer "))
        return fault is not None and fault(handler)

    with GitHubServer().running() as server:
        server.fault = reject_token
        for number in range(count):
            kind = kind_of(number)
            repository = server.add(f"octo/r{number}", traffic=traffic, fault=FAULTS.get(kind))
            repository.releases = [FakeRelease(number, "v1", {number: 100})]
            repository.referrers = [{"referrer": "example.org", "count": 9, "uniques": 4}]
            if kind == "renamed":
                server.rename(f"octo/r{number}", f"octo/new-{number}")
        print(server.url, flush=True)
        sys.stdin.read()


def measure(count: int) -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from repos.credentials.services import store_github_credential  # noqa: PLC0415
    from repos.models import TrackedRepository  # noqa: PLC0415
    from users.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    now = timezone.now()
    users = {
        name: User.objects.create(email=f"{name}@example.org")
        for name in ("revoked", "limited", "none", *(f"good{n}" for n in range(GOOD_USERS)))
    }
    for name, user in users.items():
        if name != "none":
            store_github_credential(user=user, token=f"ghp_{name}", now=now)
    owners = {"without a token": "none", "revoked": "revoked", "limited": "limited"}
    TrackedRepository.objects.bulk_create(
        TrackedRepository(
            user=users[owners.get(kind_of(n), f"good{n % GOOD_USERS}")],
            owner="octo",
            name=f"r{n}",
            key=f"octo/r{n}",
            created_at=now,
        )
        for n in range(count)
    )
    for name in ("first run", "second run"):
        said, complained = io.StringIO(), io.StringIO()
        cpu, began = time.process_time(), time.monotonic()
        try:
            call_command("fetch_traffic", stdout=said, stderr=complained)
        except SystemExit as end:
            print(f"{name}: {said.getvalue().strip()}; exit status {end.code}")
        cpu, seconds = time.process_time() - cpu, time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name}: {cpu / count * 1000:.2f} ms of processor for a repository,"
            f" {seconds:.0f} s in all, memory at most {peak:.0f} MiB,"
            f" {len(complained.getvalue().splitlines())} lines on standard error",
            flush=True,
        )
    sys.exit(1 if _check() else 0)


def _check() -> bool:
    """True when a repository is not as it should be. Prints what each kind was told."""
    from repos.models import TrackedRepository  # noqa: PLC0415

    told: dict[str, Counter[str]] = defaultdict(Counter)
    wrong = []
    for repository in (
        TrackedRepository.objects.prefetch_related("days").order_by("id").iterator(chunk_size=500)
    ):
        number = int(repository.name.rpartition("-")[2].removeprefix("r"))
        kind = kind_of(number)
        days = [day for day in repository.days.all() if day.views]
        is_complete = len(days) >= DAYS and repository.last_fetched_at and not repository.last_error
        if kind in {"healthy", "renamed"}:
            right = bool(is_complete)
        else:
            right = bool(repository.last_error) and "fault of Foyer" not in repository.last_error
        if not right:
            wrong.append(f"{kind}: {repository}: {len(days)} days, {repository.last_error!r}")
        message = repository.last_error.replace(repository.full_name, "NAME")
        message = re.sub(r"until [-0-9]+ [0-9:]+ UTC", "until TIME", message)
        told[kind][message or f"complete: {is_complete}"] += 1
    for kind, messages in told.items():
        for message, times in messages.items():
            print(f"  {times:5} {kind:24} {message[:110]}")
    print(f"not as they should be: {len(wrong)} {wrong[:5]}")
    return bool(wrong)


def main(count: int) -> int:
    module = "benchmarks.failing_repositories"
    with github_stand_in(module, count) as url, tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": folder,
            "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GITHUB_API_URL": url,
        }
        command = [sys.executable, "-W", "ignore", "-m", module, "measure", str(count)]
        return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", count]:
            serve(int(count))
        case ["measure", count]:
            measure(int(count))
        case arguments:
            sys.exit(main(int(arguments[0]) if arguments else 10_000))
