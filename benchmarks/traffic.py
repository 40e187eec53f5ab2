"""How fast a run over many repositories is: `python -m benchmarks.traffic [REPOSITORIES]`.

GitHub is played by the server of the tests, in a process of its own on loopback, so its own time
per request is measured too and stands beside ours. "Ours" is the processor time of the run, which
is everything but waiting. Works in a temporary folder on SQLite.
"""

import http.client
import logging
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from benchmarks.servers import PROJECT, github_stand_in

CALLS = (
    "",
    "/traffic/views",
    "/traffic/clones",
    "/traffic/views?per=week",
    "/traffic/clones?per=week",
    "/traffic/popular/referrers",
    "/traffic/popular/paths",
    "/releases?per_page=100&page=1",
)
TEN_YEARS = 3650


def serve(count: int) -> None:
    """The other process: print the address, then play GitHub until standard input closes."""
    from tests.repos.github_server import FakeRelease, GitHubServer, Traffic  # noqa: PLC0415

    today = datetime.now(UTC).date()
    with GitHubServer().running() as server:
        for n in range(count):
            repository = server.add(
                f"octo/r{n}",
                traffic={today - timedelta(days=d): Traffic(90 + d, 40, 12, 7) for d in range(16)},
            )
            repository.referrers = [
                {"referrer": f"site-{k}.example", "count": 9, "uniques": 4} for k in range(10)
            ]
            repository.releases = [
                FakeRelease(k, f"v{k}", {10 * k + a: 100 for a in range(5)}) for k in range(10)
            ]
            repository.paths = [
                {"path": f"/octo/r{n}/{k}", "title": f"Page {k}", "count": 9, "uniques": 4}
                for k in range(10)
            ]
        print(server.url, flush=True)
        sys.stdin.read()


def bare_requests_per_second(url: str, count: int) -> float:
    """The same calls by a client that throws the answers away."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    started = time.perf_counter()
    for n in range(count):
        for call in CALLS:
            connection.request("GET", f"/repos/octo/r{n}{call}")
            connection.getresponse().read()
    return count * len(CALLS) / (time.perf_counter() - started)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(count: int, url: str) -> None:
    """In a Django of its own: the run, the same run again, and the detail of ten years."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from repos.models import TrackedRepository, TrafficDay  # noqa: PLC0415
    from repos.services.tokens import issue_api_token  # noqa: PLC0415
    from users.models import User  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    now = timezone.now()
    user = User.objects.create(email="bench@example.org")
    TrackedRepository.objects.bulk_create(
        TrackedRepository(user=user, owner="octo", name=f"r{n}", key=f"octo/r{n}", created_at=now)
        for n in range(count)
    )
    bare = bare_requests_per_second(url, min(count, 200))
    alone = 1000 / bare * len(CALLS)
    print(f"the server alone      {bare:8.0f} requests/s  {alone:6.1f} ms/repository")
    for name in ("first run", "same run again (304)"):
        cpu = time.process_time()
        seconds = timed(lambda: call_command("fetch_traffic"))
        cpu = time.process_time() - cpu
        print(
            f"{name:21} {count * len(CALLS) / seconds:8.0f} requests/s"
            f"  {seconds / count * 1000:6.1f} ms/repository, {cpu / count * 1000:.1f} of them ours"
            f"  {seconds:6.1f} s in all"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at its peak    {peak:8.0f} MiB")

    repository = TrackedRepository.objects.get(key="octo/r0")
    TrafficDay.objects.bulk_create(
        TrafficDay(repository=repository, date=now.date() - timedelta(days=n), views=n)
        for n in range(20, TEN_YEARS)
    )
    logging.disable()
    token = issue_api_token(user=user, now=now)
    client = Client(SERVER_NAME="localhost", headers={"X-API-Token": token})
    path = f"/api/repos/{repository.uuid}"
    answer = client.get(path)
    took = statistics.median(timed(lambda: client.get(path)) for _ in range(30))
    print(
        f"detail of ten years   {took * 1000:8.1f} ms, {len(answer.json()['traffic'])} days,"
        f" {len(answer.content) / 1024:.0f} KiB"
    )


def main(count: int) -> None:
    module = "benchmarks.traffic"
    with github_stand_in(module, count) as url, tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GITHUB_API_URL": url,
            "GITHUB_TOKEN": "ghp_benchmark",
        }
        command = [sys.executable, "-W", "ignore", "-m", module, "measure", str(count), url]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", count]:
            serve(int(count))
        case ["measure", count, url]:
            measure(int(count), url)
        case arguments:
            main(int(arguments[0]) if arguments else 1000)
