"""A real HTTP server on loopback that plays GitHub's API, faults included.

It keeps the true traffic of each repository and shows of it what GitHub would show at `now`: a
window of 14 days, clipped at its old edge, still growing at the new one, late by some hours; weeks
clipped likewise, releases and owners in pages. Redirects have bodies, every response has a Date.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Traffic:
    """The true figures of one day."""

    views: int = 0
    unique_visitors: int = 0
    clones: int = 0
    unique_cloners: int = 0


@dataclass
class FakeRelease:
    """`assets`: GitHub's id and download counter of each."""

    github_id: int
    tag: str
    assets: dict[int, int] = field(default_factory=dict)
    draft: bool = False
    published_at: str | None = "2026-01-05T10:00:00Z"

    def body(self) -> dict[str, Any]:
        return {
            "id": self.github_id,
            "tag_name": self.tag,
            "name": None,
            "draft": self.draft,
            "published_at": self.published_at,
            # GitHub embeds a page at most.
            "assets": self.asset_bodies()[:30],
        }

    def asset_bodies(self) -> list[dict[str, Any]]:
        return [{"id": key, "download_count": count} for key, count in self.assets.items()]


@dataclass
class FakeRepository:
    full_name: str
    github_id: int
    traffic: dict[date, Traffic] = field(default_factory=dict)
    private: bool = False
    explicit_zeros: bool = False
    late_hours: float = 0
    referrers: list[dict[str, Any]] = field(default_factory=list)
    paths: list[dict[str, Any]] = field(default_factory=list)
    stars: int = 7
    forks: int = 3
    watchers: int = 5
    open_issues: int = 2
    archived: bool = False
    fork: bool = False
    can_push: bool = True
    releases: list[FakeRelease] = field(default_factory=list)
    # Called before anything else; True when it has answered.
    fault: "Fault | None" = None

    def window(self, metric: str, now: datetime) -> dict[str, Any]:
        """The body of `/traffic/views` or `/traffic/clones` at `now`."""
        days: list[dict[str, Any]] = []
        for n in range(14, -1, -1):
            day = now.date() - n * ONE_DAY
            count, uniques = self._shown(metric, day, now)
            if count or (self.explicit_zeros and n < 14):
                days.append({"timestamp": f"{day}T00:00:00Z", "count": count, "uniques": uniques})
        return {
            "count": sum(day["count"] for day in days),
            "uniques": max((day["uniques"] for day in days), default=0),
            metric: days,
        }

    def weeks(self, metric: str, now: datetime) -> dict[str, Any]:
        """The body of the same with `per=week`: the part of each week that is in the window. People
        who come on several days of a week are one."""
        weeks: dict[date, list[tuple[int, int]]] = {}
        for n in range(14, -1, -1):
            day = now.date() - n * ONE_DAY
            shown = self._shown(metric, day, now)
            if shown[0]:
                weeks.setdefault(day - day.weekday() * ONE_DAY, []).append(shown)
        return {
            "count": sum(count for days in weeks.values() for count, _ in days),
            "uniques": max((u for days in weeks.values() for _, u in days), default=0),
            metric: [
                {
                    "timestamp": f"{week}T00:00:00Z",
                    "count": sum(count for count, _ in days),
                    "uniques": max(uniques for _, uniques in days),
                }
                for week, days in weeks.items()
            ],
        }

    def body(self) -> dict[str, Any]:
        return {
            "id": self.github_id,
            "full_name": self.full_name,
            "private": self.private,
            "fork": self.fork,
            "archived": self.archived,
            "stargazers_count": self.stars,
            "forks_count": self.forks,
            # GitHub repeats the stars here.
            "watchers_count": self.stars,
            "subscribers_count": self.watchers,
            "open_issues_count": self.open_issues,
            "permissions": {"admin": False, "push": self.can_push, "pull": True},
        }

    def _shown(self, metric: str, day: date, now: datetime) -> tuple[int, int]:
        true = self.traffic.get(day, Traffic())
        count, uniques = (
            (true.views, true.unique_visitors)
            if metric == "views"
            else (true.clones, true.unique_cloners)
        )
        opens = datetime.combine(day, time.min, tzinfo=UTC)
        seen_from = max(opens, now - 14 * ONE_DAY)
        seen_to = min(opens + ONE_DAY, now - timedelta(hours=self.late_hours))
        share = max(timedelta(0), seen_to - seen_from) / ONE_DAY
        return int(count * share), int(uniques * share)


@dataclass(frozen=True)
class ReceivedRequest:
    path: str
    headers: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    """One request; faults write to it as they please."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    @property
    def github(self) -> "GitHubServer":
        return self.server.github

    def do_GET(self) -> None:
        self.github.received.append(ReceivedRequest(self.path, dict(self.headers)))
        path = urlsplit(self.path).path
        repository, endpoint = self.github.find(path)
        for fault in (self.github.fault, repository.fault if repository else None):
            if fault is not None and fault(self):
                return
        if moved := self.github.moved_to(path):
            self.send_redirect(301, moved)
        elif repository is not None:
            self.send_endpoint(repository, endpoint)
        elif (owned := self.github.owned_by(path)) is not None:
            self.send_page([one.body() for one in owned])
        else:
            self.send_json(404, {"message": "Not Found"})

    def send_endpoint(self, repository: FakeRepository, endpoint: str) -> None:
        now = self.github.now()
        traffic = repository.weeks if self.query("per") == "week" else repository.window
        if endpoint == "/releases":
            self.send_page([one.body() for one in repository.releases])
            return
        if match := re.fullmatch(r"/releases/([0-9]+)/assets", endpoint):
            releases = {one.github_id: one for one in repository.releases}
            self.send_page(releases[int(match[1])].asset_bodies())
            return
        if endpoint.startswith("/traffic/") and repository.archived:
            self.send_json(403, {"message": "Repository was archived so is read-only."})
            return
        bodies: dict[str, Callable[[], Any]] = {
            "": repository.body,
            "/traffic/views": lambda: traffic("views", now),
            "/traffic/clones": lambda: traffic("clones", now),
            "/traffic/popular/referrers": lambda: repository.referrers,
            "/traffic/popular/paths": lambda: repository.paths,
        }
        if endpoint not in bodies:
            self.send_json(404, {"message": "Not Found"})
            return
        self.send_json(200, bodies[endpoint]())

    def query(self, name: str, default: str = "") -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [default])[0]

    def send_page(self, items: list[Any]) -> None:
        """GitHub's pages, with a Link to the next one."""
        size, number = int(self.query("per_page", "30")), int(self.query("page", "1"))
        size = min(size, self.github.page_size)
        page = items[(number - 1) * size : number * size]
        links = {}
        if number * size < len(items):
            there = f"{self.github.url}{urlsplit(self.path).path}?per_page={size}&page={number + 1}"
            links["Link"] = f'<{there}>; rel="next", <{there}>; rel="last"'
        self.send_json(200, page, **links)

    def send_redirect(self, status: int, place: str) -> None:
        """As GitHub does: with a body, and without the query."""
        message = "Moved Permanently" if status == 301 else "Temporary Redirect"
        location = {
            "message": message,
            "url": place,
            "documentation_url": "https://docs.github.com",
        }
        self.send_bytes(status, json.dumps(location).encode(), Location=place)

    def send_json(self, status: int, value: Any, **headers: str) -> None:
        body = json.dumps(value).encode()
        etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            self.send_bytes(304, b"", ETag=etag)
            return
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.send_bytes(status, body, **({"ETag": etag} if status == 200 else {}), **named)

    def send_bytes(self, status: int, body: bytes, **headers: str) -> None:
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
        if status != 304:
            headers.setdefault("Content-Length", str(len(body)))
        headers.setdefault("Date", format_datetime(self.github.now(), usegmt=True))
        self.github.on_status(status)
        self.send_response_only(status)
        self.send_header("Server", "github.com")
        for name, value in self.github.headers.items():
            self.send_header(name, value)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


Fault = Callable[[Handler], bool]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    github: "GitHubServer"

    def handle_error(self, request: Any, client_ip: Any) -> None:
        """A client that went away is part of the game."""


class GitHubServer:
    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.repositories: dict[str, FakeRepository] = {}
        self.received: list[ReceivedRequest] = []
        self.on_status: Callable[[int], object] = lambda status: None
        # Sent with every response.
        self.headers: dict[str, str] = {}
        self.page_size = 100
        self.users: set[str] = set()
        self.organizations: set[str] = set()
        # Names under which repositories were known before a rename, and their ids.
        self.old_names: dict[str, int] = {}
        # For every repository.
        self.fault: Fault | None = None
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.github = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def add(self, full_name: str, **properties: Any) -> FakeRepository:
        properties.setdefault("github_id", 1000 + len(self.repositories))
        repository = FakeRepository(full_name, **properties)
        self.repositories[full_name.lower()] = repository
        return repository

    def find(self, path: str) -> tuple[FakeRepository | None, str]:
        if match := re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path):
            return self.repositories.get(match[1].lower()), match[2] or ""
        if match := re.fullmatch(r"/repositories/([0-9]+)(/.*)?", path):
            by_id = {one.github_id: one for one in self.repositories.values()}
            return by_id.get(int(match[1])), match[2] or ""
        return None, ""

    def rename(self, old: str, new: str) -> FakeRepository:
        repository = self.repositories.pop(old.lower())
        repository.full_name = new
        self.repositories[new.lower()] = repository
        self.old_names[old.lower()] = repository.github_id
        return repository

    def moved_to(self, path: str) -> str | None:
        """GitHub redirects to the numeric form, unless somebody else has taken the name."""
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path)
        if match is None or match[1].lower() in self.repositories:
            return None
        github_id = self.old_names.get(match[1].lower())
        return f"{self.url}/repositories/{github_id}{match[2] or ''}" if github_id else None

    def owned_by(self, path: str) -> list[FakeRepository] | None:
        """What the three lists of repositories show."""
        every = list(self.repositories.values())
        if path == "/user/repos":
            return every
        match = re.fullmatch(r"/(orgs|users)/([^/]+)/repos", path)
        if match is None:
            return None
        login = match[2].lower()
        is_organization = login in self.organizations
        if login not in {*self.users, *self.organizations}:
            return None
        if (match[1] == "orgs") != is_organization and match[1] == "orgs":
            return None
        return [
            one
            for one in every
            if one.full_name.lower().startswith(f"{login}/")
            and (match[1] == "orgs" or not one.private)
        ]

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.received]

    @contextmanager
    def running(self) -> "Iterator[GitHubServer]":
        self._thread.start()
        try:
            yield self
        finally:
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
