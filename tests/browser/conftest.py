"""A real server on a database of its own, looked at by a real Chromium (`make test-browser`).

Without CHROMIUM in the environment, which `scripts/test-browser` sets, everything here is skipped.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.system.installation import free_port

HERE = Path(__file__).parent
PHONE = {"width": 375, "height": 740}
SMALL_PHONE = {"width": 320, "height": 568}
DESKTOP = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("CHROMIUM"):
        return
    skip = pytest.mark.skip(reason="make test-browser")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(skip)


@dataclass(frozen=True)
class Site:
    """`staged`: the tokens and ids that tests/browser/seed.py printed."""

    address: str
    staged: dict[str, Any]

    def overview(self, token: str = "share") -> str:
        return f"{self.address}/users/{self.staged[token]}/repos"

    def repository(self, name: str, token: str = "share") -> str:
        return f"{self.overview(token)}/{self.staged['ids'][name]}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path_factory.mktemp("site")),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "DEMO": "0",
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "RATE_LIMIT_LOGIN": "off",
        "TRUSTED_PROXIES": "1",
        "PYTHONPATH": str(settings.BASE_DIR),
    }

    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    run("manage.py", "setup")
    staged = json.loads(run("tests/browser/seed.py"))
    server = subprocess.Popen(
        [sys.executable, "manage.py", "run_web"], cwd=settings.BASE_DIR, env=environment
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/healthz")
        yield Site(address, staged)
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            pass
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.2)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Containers forbid the name spaces that Chromium's sandbox is made of.
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page and everything it complained about."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def go(self, url: str, status: int = 200) -> Page:
        response = self.page.goto(url, wait_until="networkidle")
        assert response is not None
        assert response.status == status
        return self.page


Open = Callable[..., Any]


@pytest.fixture
def opened(site: Site, chromium: Browser) -> Open:
    """`with opened(viewport=PHONE, …) as watched`: at its end, nothing may have been complained
    about and no other host asked. `tolerated`: parts of messages that Chromium writes by itself."""

    @contextmanager
    def open_page(*, tolerated: tuple[str, ...] = (), **options: Any) -> Iterator[Watched]:
        options.setdefault("viewport", DESKTOP)
        context = chromium.new_context(reduced_motion="reduce", **options)
        watched = Watched(context.new_page(), site)
        page = watched.page
        page.on("console", lambda message: watched.complaints.append(message.text))
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.on("request", lambda request: watched.requested.append(request.url))
        yield watched
        context.close()
        complaints = [
            one for one in watched.complaints if not any(part in one for part in tolerated)
        ]
        elsewhere = [
            url
            for url in watched.requested
            if not url.startswith((site.address, "data:", "blob:", "about:"))
        ]
        assert complaints == []
        assert elsewhere == []

    return open_page
