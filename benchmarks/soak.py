"""Does an installation stay the same size while it is used? `python -m benchmarks.soak --help`."""

import argparse
import io
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from benchmarks.chaos.client import Client, Tally
from benchmarks.chaos.installations import Installation, on_postgresql, on_sqlite
from benchmarks.chaos.player import PASSWORD, Account, Player
from benchmarks.chaos.programs import PROJECT, manage
from benchmarks.servers import process_tree
from tests.repos.github_server import FakeRepository, GitHubServer, Traffic

PEOPLE = 4
WARM_UP = 0.25  # of the time
WINDOW = 5  # samples, of which the median is compared
MAX_GROWTH = 0.05
MAX_WAL = 64 * 2**20


class Person(Player):
    """A player who also does the rest, and takes a breath in between."""

    def __init__(self, client: Client, *, seed: int, pause: float) -> None:
        super().__init__(client, seed=seed)
        self._pause = pause

    def _act(self, account: Account) -> None:
        super()._act(account)
        time.sleep(self._random.expovariate(1 / self._pause))
        if self._random.random() < 0.3:
            others: list[Callable[[Account], None]] = [
                self._play_a_while,
                self._page_deep,
                self._renew_token,
                self._change_picture,
                self._found_organization,
                self._look_at_charts,
                self._take_everything_along,
                self._err,
            ]
            self._random.choice(others)(account)

    def _play_a_while(self, account: Account) -> None:
        self._record_play(account)
        newest = max(account.plays)
        for _ in range(3):
            time.sleep(self._pause)
            self._expect(204, "POST", f"/playsessions/{newest}/heartbeat", headers=account.headers)

    def _page_deep(self, account: Account) -> None:
        path = self._random.choice(["/users/lastplayed", "/users", "/playsessions", "/games"])
        target = f"{path}?page_size=10"
        for _ in range(8):
            page = self._client.call("GET", target, headers=account.headers)
            following = page.links.get("next")
            if following is None:
                return
            parts = urlsplit(following["url"])
            target = f"{parts.path}?{parts.query}"

    def _renew_token(self, account: Account) -> None:
        pair = self._expect(
            200, "POST", "/auth/token", json={"username": account.name, "password": PASSWORD}
        )
        self._expect(200, "POST", "/auth/token/refresh", json={"refresh": pair["refresh"]})

    def _change_picture(self, account: Account) -> None:
        size = self._random.randrange(64, 1024)
        file = io.BytesIO()
        Image.frombytes("RGB", (size, size), self._random.randbytes(3 * size * size)).save(
            file, "JPEG"
        )
        profile = self._expect(
            200,
            "PUT",
            "/users/me/avatar",
            files={"avatar": ("me.jpg", file.getvalue(), "image/jpeg")},
            headers=account.headers,
        )
        self._client.call("GET", urlsplit(str(profile["avatar"])).path)

    def _found_organization(self, account: Account) -> None:
        organization = self._expect(
            201,
            "POST",
            "/organizations",
            json={"name": f"Club {secrets.token_hex(6)}"},
            headers=account.headers,
        )
        self._client.call("GET", f"/organizations/{organization['id']}", headers=account.headers)
        self._client.call("GET", "/organizations", headers=account.headers)
        invitations = f"/organizations/{organization['id']}/invitations"
        self._client.call(
            "POST",
            invitations,
            json={"email": f"{secrets.token_hex(6)}@example.org"},
            headers=account.headers,
        )
        for invitation in self._client.call("GET", invitations, headers=account.headers).json():
            self._client.call(
                "DELETE", f"{invitations}/{invitation['id']}", headers=account.headers
            )

    def _look_at_charts(self, account: Account) -> None:
        self._follow_repository(account)
        repositories = self._client.call("GET", "/api/repos", headers=account.headers).json()
        badge = self._expect(
            200, "POST", f"/api/repos/{repositories[0]['id']}/badge", headers=account.headers
        )
        for kind in ("views.svg", "chart.svg", "stars.json"):
            self._client.call("GET", f"/badges/{badge['token']}/{kind}")
        share = self._expect(200, "POST", "/api/users/share", headers=account.headers)
        self._client.call("GET", f"/users/{share['token']}/repos")
        self._client.call("GET", f"/users/{share['token']}/repos/{repositories[0]['id']}")

    def _take_everything_along(self, account: Account) -> None:
        self._client.call("GET", "/users/me/export", headers=account.headers)
        self._client.call("GET", "/api/traffic.zip", headers=account.headers)

    def _err(self, account: Account) -> None:
        """Each is a 4xx; a wrong status is none of the soak's business, 500 and above is."""
        headers = account.headers | {"Content-Type": "application/json"}
        self._client.call("POST", "/playsessions", data=b'{"game": ', headers=headers)
        self._client.call("POST", "/playsessions", json={"game": "x"}, headers=account.headers)
        self._client.call("GET", "/games?cursor=nonsense")
        self._client.call("GET", f"/{secrets.token_hex(8)}")
        self._client.call("GET", "/users/me", headers={"Authorization": "Bearer nonsense"})
        self._client.call("POST", "/auth", json={"username": account.name, "password": "wrong"})
        self._client.call(
            "PUT", "/users/me/avatar", files={"avatar": b"none"}, headers=account.headers
        )


class GitHub(GitHubServer):
    """Knows every repository that it is asked for."""

    def find(self, path: str) -> tuple[FakeRepository | None, str]:
        del self.received[:-100]
        asked = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path)
        if asked and asked[1].lower() not in self.repositories:
            today = datetime.now(UTC).date()
            traffic = {today - timedelta(days=n): Traffic(90 + n, 40, 12, 7) for n in range(16)}
            self.add(asked[1], traffic=traffic)
        return super().find(path)


class DailyJobs:
    """What cron starts, many times a day."""

    def __init__(self, installation: Installation, *, every: float) -> None:
        self._environment = installation.environment
        self._every = every
        self.failure: BaseException | None = None
        self.runs: list[str] = []

    def play_until(self, stop: threading.Event) -> None:
        while not stop.wait(self._every):
            for command in ("fetch_traffic", "build_recommendations"):
                done = subprocess.run(
                    manage(command),
                    check=False,
                    cwd=PROJECT,
                    env=self._environment,
                    capture_output=True,
                    text=True,
                )
                said = (done.stdout + done.stderr).strip().splitlines()
                self.runs.append(f"{command}: {done.returncode}, {said[0] if said else ''}")
                print(self.runs[-1], flush=True)
                if done.returncode:
                    self.failure = RuntimeError(f"{command}: {said[-5:]}")


@dataclass(frozen=True)
class Sample:
    minutes: float
    # By process: bytes in proportion to who shares them, the part that is no file, open files.
    memory: dict[str, int]
    anonymous: dict[str, int]
    files: dict[str, int]
    wal: int
    database: int
    responses: int
    server_errors: int


def main() -> int:
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="foyer-soak-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with GitHub().running() as github:
            chosen: AbstractContextManager[Installation] = (
                on_postgresql(folder, options.database_url, github_url=github.url)
                if options.database_url
                else on_sqlite(folder, github_url=github.url)
            )
            with chosen as installation, installation.running():
                tally = Tally()
                people = [
                    Person(Client(installation.webs, tally), seed=n, pause=options.pause)
                    for n in range(PEOPLE)
                ]
                jobs = DailyJobs(installation, every=options.jobs_every * 60)
                _fill_pools(installation, tally)
                samples = _run(installation, folder, [*people, jobs], tally, options)
    return _report(samples, [*people, jobs], tally)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--database-url", metavar="URL", help="PostgreSQL server; else SQLite")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--every", type=float, default=30, metavar="SECONDS", help="of a sample")
    parser.add_argument("--jobs-every", type=float, default=4, metavar="MINUTES", help="daily jobs")
    parser.add_argument("--pause", type=float, default=1.2, metavar="SECONDS", help="per person")
    return parser.parse_args()


def _fill_pools(installation: Installation, tally: Tally) -> None:
    """Threads and connections come with the first requests at one instant, and stay."""

    def call(number: int) -> None:
        path = f"/games?page_size={number % 100 + 1}&ordering=-name"
        Client(installation.webs, tally).call("GET", path)

    with ThreadPoolExecutor(100) as pool:
        list(pool.map(call, range(1000)))


def _run(
    installation: Installation,
    folder: Path,
    people: Sequence[Person | DailyJobs],
    tally: Tally,
    options: argparse.Namespace,
) -> list[Sample]:
    stop = threading.Event()
    threads = [threading.Thread(target=person.play_until, args=(stop,)) for person in people]
    for thread in threads:
        thread.start()
    began_at = time.monotonic()
    samples: list[Sample] = []
    while (passed := time.monotonic() - began_at) < options.minutes * 60:
        time.sleep(min(options.every, max(0.0, options.minutes * 60 - passed)))
        samples.append(_sample(installation, folder, tally, (time.monotonic() - began_at) / 60))
        print(_line(samples[-1]), flush=True)
    stop.set()
    for thread in threads:
        thread.join()
    return samples


def _sample(installation: Installation, folder: Path, tally: Tally, minutes: float) -> Sample:
    memory, anonymous, files = {}, {}, {}
    programs = [*installation.programs, *([installation.redis] if installation.redis else [])]
    for program in programs:
        for number, process_id in enumerate(process_tree(program.process_id)):
            try:
                rollup = Path(f"/proc/{process_id}/smaps_rollup").read_text()
                open_files = len(list(Path(f"/proc/{process_id}/fd").iterdir()))
            except OSError:  # It has ended: the helper of one picture, for instance.
                continue
            name = f"{program.name} {number}"
            memory[name] = _bytes(rollup, "Pss:")
            anonymous[name] = _bytes(rollup, "Pss_Anon:")
            files[name] = open_files
    return Sample(
        minutes=minutes,
        memory=memory,
        anonymous=anonymous,
        files=files,
        wal=sum(file.stat().st_size for file in folder.glob("*-wal")),
        database=installation.database_size(),
        responses=sum(tally.answers.values()),
        server_errors=len(tally.server_errors),
    )


def _bytes(rollup: str, field: str) -> int:
    line = next(line for line in rollup.splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _line(sample: Sample) -> str:
    each = " ".join(
        f"{size / 2**20:.0f}/{sample.files[name]}" for name, size in sample.anonymous.items()
    )
    return (
        f"{sample.minutes:6.1f} min  PSS {_mib(_total(sample.memory))} MiB"
        f"  anonymous {_mib(_total(sample.anonymous))}"
        f"  files {_total(sample.files):4d}  WAL {_mib(sample.wal)}"
        f"  database {_mib(sample.database)}"
        f"  responses {sample.responses:6d}  5xx {sample.server_errors}"
        f"  | {each}"
    )


def _mib(size: int) -> str:
    return f"{size / 2**20:6.1f}"


def _report(samples: list[Sample], people: Sequence[Person | DailyJobs], tally: Tally) -> int:
    warm = samples[int(len(samples) * WARM_UP) :]
    began, ended = warm[:WINDOW], warm[-WINDOW:]
    print(f"{'process':14} {'PSS, then and at the end':>26} {'open files':>14}")
    for name in ended[-1].memory:
        sizes = [_mib(window[-1].memory.get(name, 0)) for window in (began, ended)]
        opened = [window[-1].files.get(name, 0) for window in (began, ended)]
        print(f"{name:14} {sizes[0]:>13} {sizes[1]:>12} {opened[0]:>8} {opened[1]:>5}")
    print(f"answers: {dict(sorted(tally.answers.items()))}")

    memory = _growth([_total(s.memory) for s in began], [_total(s.memory) for s in ended])
    print(f"PSS, whose file pages are shared with whatever else runs: {memory:+.1%}")
    anonymous = _growth([_total(s.anonymous) for s in began], [_total(s.anonymous) for s in ended])
    wal = max(s.wal for s in samples)
    files_then, files_now = ([_total(s.files) for s in window] for window in (began, ended))
    files = (
        f"open files: {min(files_then)} to {max(files_then)} after the warm-up,"
        f" {min(files_now)} to {max(files_now)} at the end"
    )
    failures = [repr(person.failure) for person in people if person.failure]
    verdicts = [
        (f"memory that is no file: {anonymous:+.1%}", anonymous < MAX_GROWTH),
        (f"WAL: {_mib(wal)} MiB at most", wal < MAX_WAL),
        # The fewest at the end: a request in flight has files open too.
        (files, min(files_now) <= max(files_then)),
        (f"responses of 500 and above: {tally.server_errors[:5]}", not tally.server_errors),
        (f"calls without a response: {tally.unexplained[:5]}", not tally.unexplained),
        (f"people that met a wrong answer: {failures}", not failures),
    ]
    for text, kept in verdicts:
        print(f"{'ok    ' if kept else 'FAILED'} {text}")
    return 0 if all(kept for _, kept in verdicts) else 1


def _total(by_process: dict[str, int]) -> int:
    return sum(by_process.values())


def _growth(before: list[int], after: list[int]) -> float:
    return statistics.median(after) / statistics.median(before) - 1


if __name__ == "__main__":
    sys.exit(main())
