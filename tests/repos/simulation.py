"""Sixty days of six repositories on a local GitHub: a rename, a transfer, an archive, a deleted
release, days that come late, and two outages.

`advance_to(day)` changes the server as that day did; `check(...)` compares what was stored with
what was true. The server's clock is the only one that matters: Foyer goes by its Date header.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.repos.fault_injection import answering, reset
from tests.repos.github_server import FakeRelease, FakeRepository, GitHubServer, Traffic

FIRST = date(2026, 1, 20)
DAYS = 60
ONE_DAY = timedelta(days=1)
RENAMED_ON, TRANSFERRED_ON, ARCHIVED_ON = 15, 25, 40
RELEASED_ON, DELETED_ON = 10, 30
LATE = range(20, 24)
OUTAGES = (range(18, 21), range(45, 48))
# The name of each at first, and at the end.
NAMES = {
    "octo/steady": "octo/steady",
    "octo/late": "octo/late",
    "octo/renamed": "octo/new-name",
    "octo/moved": "other/moved",
    "octo/archived": "octo/archived",
    "octo/quiet": "octo/quiet",
}

Row = tuple[Any, ...]


@dataclass
class Stored:
    """Rows by the repository's name as it was followed, oldest first."""

    days: dict[str, list[Row]] = field(default_factory=dict)
    growth: dict[str, list[Row]] = field(default_factory=dict)
    weeks: dict[str, list[Row]] = field(default_factory=dict)
    downloads: dict[str, list[Row]] = field(default_factory=dict)


class Simulation:
    def __init__(self, server: GitHubServer, *, seed: int = 1) -> None:
        self.server = server
        self._chance = random.Random(seed)
        self.truths: dict[str, FakeRepository] = {}
        # Downloads of each day (counted from 0) since the last successful fetch, by repository.
        self._pending = 0
        self._seen: dict[int, int] = {}
        self.downloads: list[tuple[date, int]] = []
        self.stars: dict[date, int] = {}
        for n, name in enumerate(NAMES):
            self.truths[name] = server.add(
                name, explicit_zeros=n % 2 == 0, traffic={} if "quiet" in name else self._traffic()
            )
        steady = self.truths["octo/steady"]
        steady.releases = [FakeRelease(1, "v1", {11: 100, 12: 40})]
        steady.referrers = [{"referrer": "Google", "count": 4, "uniques": 3}]

    def _traffic(self) -> dict[date, Traffic]:
        days = [FIRST + n * ONE_DAY for n in range(-20, DAYS + 10)]
        return {
            day: Traffic(*(self._chance.randrange(24, 2000) for _ in range(4)))
            for day in days
            if self._chance.random() > 0.15
        }

    def is_outage(self, n: int) -> bool:
        return any(n in outage for outage in OUTAGES)

    def advance_to(self, n: int) -> date:
        """The state of GitHub on day `n`, at an hour that changes from day to day."""
        today = FIRST + n * ONE_DAY
        hours = self._chance.uniform(0.1, 23.9)
        moment = datetime.combine(today, time.min, UTC) + timedelta(hours=hours)
        self.server.now = lambda: moment
        self.server.fault = None
        if self.is_outage(n):
            self.server.fault = answering(500) if n in OUTAGES[0] else reset
        self.truths["octo/late"].late_hours = 40 if n in LATE else 3
        if n == RENAMED_ON:
            self.server.rename("octo/renamed", "octo/new-name")
        if n == TRANSFERRED_ON:
            self.server.rename("octo/moved", "other/moved")
        self.truths["octo/archived"].archived = n >= ARCHIVED_ON
        self._download(n, today)
        return today

    def _download(self, n: int, today: date) -> None:
        steady = self.truths["octo/steady"]
        steady.stars += self._chance.randrange(-2, 5)
        for release in steady.releases:
            for asset in release.assets:
                more = self._chance.randrange(0, 30) if n else 0
                release.assets[asset] += more
                self._pending += more
        if n == RELEASED_ON:
            steady.releases.insert(0, FakeRelease(2, "v2", {21: 500}))
            self._pending += 500
        if n == DELETED_ON:
            # What was downloaded since the last fetch goes with it.
            gone = steady.releases.pop(0)
            self._pending -= gone.assets[21] - self._seen.get(21, 0)
        if not self.is_outage(n):
            if n:
                self.downloads.append((today, self._pending))
            self._pending = 0
            self._seen = {
                asset: count for one in steady.releases for asset, count in one.assets.items()
            }
            self.stars[today] = steady.stars

    def check(self, stored: Stored) -> None:
        """Every figure of every repository."""
        for name, truth in self.truths.items():
            self._check_days(name, truth, stored.days[name])
            self._check_weeks(truth, stored.weeks[name], stored.days[name], name)
        assert stored.downloads["octo/steady"] == self.downloads
        assert [(day, stars) for day, stars, *_ in stored.growth["octo/steady"]] == list(
            self.stars.items()
        )

    def _check_days(self, name: str, truth: FakeRepository, rows: list[Row]) -> None:
        found = {row[0]: row[1:] for row in rows}
        last = ARCHIVED_ON - 2 if name == "octo/archived" else DAYS - 9
        for n in range(-13, last):
            day = FIRST + n * ONE_DAY
            true = truth.traffic.get(day, Traffic())
            figures = (true.views, true.unique_visitors, true.clones, true.unique_cloners)
            is_complete = name != "octo/archived" or n < ARCHIVED_ON - 9
            assert found[day][:4] == figures, (name, day)
            assert not is_complete or found[day][4], (name, day)

    def _check_weeks(
        self, truth: FakeRepository, rows: list[Row], days: list[Row], name: str
    ) -> None:
        found = {row[0]: row[1:] for row in rows}
        last = ARCHIVED_ON - 2 if name == "octo/archived" else DAYS - 9
        for week, figures in found.items():
            members = [week + n * ONE_DAY for n in range(7)]
            if not FIRST - 6 * ONE_DAY <= week <= FIRST + (last - 7) * ONE_DAY:
                continue
            true = [truth.traffic.get(day, Traffic()) for day in members]
            assert figures[0] == sum(one.views for one in true), (name, week)
            assert figures[1] == max(one.unique_visitors for one in true), (name, week)
            assert figures[2] == sum(one.clones for one in true), (name, week)


def fell(before: Stored, after: Stored) -> list[Row]:
    """Days and weeks of which any figure is lower than before, or that are gone."""
    found: list[Row] = []
    for kind in ("days", "weeks", "downloads"):
        for name, rows in getattr(before, kind).items():
            now = {row[0]: row[1:] for row in getattr(after, kind)[name]}
            found += [
                (kind, name, *row)
                for row in rows
                if row[0] not in now
                or any(
                    old is not None and (new is None or new < old)
                    for old, new in zip(row[1:], now[row[0]], strict=True)
                )
            ]
    return found
