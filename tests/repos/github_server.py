"""A real HTTP server on loopback that plays GitHub's traffic API, faults included.

It keeps the true traffic of each repository and shows of it what GitHub would show at `now`: a
window of 14 days, clipped at its old edge, still growing at the new one, late by some hours.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Traffic:
    """The true figures of one day."""

    views: int = 0
    unique_visitors: int = 0
    clones: int = 0
    unique_cloners: int = 0


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
        repository, endpoint = self.github.find(self.path)
        for fault in (self.github.fault, repository.fault if repository else None):
            if fault is not None and fault(self):
                return
        if repository is None:
            self.send_json(404, {"message": "Not Found"})
        else:
            self.send_endpoint(repository, endpoint)

    def send_endpoint(self, repository: FakeRepository, endpoint: str) -> None:
        now = self.github.now()
        bodies: dict[str, Callable[[], Any]] = {
            "": lambda: {
                "id": repository.github_id,
                "full_name": repository.full_name,
                "private": repository.private,
                "stargazers_count": repository.stars,
                "forks_count": repository.forks,
                # GitHub repeats the stars here.
                "watchers_count": repository.stars,
                "subscribers_count": repository.watchers,
                "open_issues_count": repository.open_issues,
                "archived": repository.archived,
            },
            "/traffic/views": lambda: repository.window("views", now),
            "/traffic/clones": lambda: repository.window("clones", now),
            "/traffic/popular/referrers": lambda: repository.referrers,
            "/traffic/popular/paths": lambda: repository.paths,
        }
        if endpoint not in bodies:
            self.send_json(404, {"message": "Not Found"})
            return
        self.send_json(200, bodies[endpoint]())

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
        self.send_response(status)
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
