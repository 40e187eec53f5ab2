"""A real server on a database of its own, looked at by a real browser (`make test-browser`).

Without CHROMIUM or FIREFOX in the environment, which `scripts/test-browser` sets, everything here
is skipped.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.system.installation import free_port

HERE = Path(__file__).parent
PHONE = {"width": 375, "height": 740}
SMALL_PHONE = {"width": 320, "height": 568}
DESKTOP = {"width": 1280, "height": 900}
# A4 with margins of a centimetre, in CSS pixels.
PAPER = {"width": 718, "height": 1047}

needs_chromium = pytest.mark.skipif(
    bool(os.environ.get("FIREFOX")), reason="Playwright tells Firefox nothing of paper and script"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("CHROMIUM") or os.environ.get("FIREFOX"):
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


# What a page is told about its reader.
MEDIA = ("color_scheme", "reduced_motion", "forced_colors", "contrast")


class Chromium:
    def __init__(self, playwright: Playwright) -> None:
        # Containers forbid the name spaces that Chromium's sandbox is made of.
        self._browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )

    def new_context(self, **options: Any) -> BrowserContext:
        return self._browser.new_context(reduced_motion="reduce", **options)

    def close(self) -> None:
        self._browser.close()


class Firefox:
    """As its makers release it. It takes the colours and the motion that a page is told of only at
    its start, so there is one of it for each."""

    def __init__(self, playwright: Playwright) -> None:
        self._launch = partial(
            playwright.firefox.launch,
            channel="moz-firefox",
            executable_path=os.environ["FIREFOX"],
        )
        self._browsers: dict[str, Browser] = {}

    def new_context(self, *, color_scheme: str = "light", **options: Any) -> BrowserContext:
        if color_scheme not in self._browsers:
            scheme = "layout.css.prefers-color-scheme.content-override"
            prefs: dict[str, Any] = {
                scheme: ["dark", "light"].index(color_scheme),
                "ui.prefersReducedMotion": 1,
            }
            self._browsers[color_scheme] = self._launch(firefox_user_prefs=prefs)
        told: dict[str, Any] = dict.fromkeys(MEDIA, "null")
        return self._browsers[color_scheme].new_context(**(options | told))

    def close(self) -> None:
        for browser in self._browsers.values():
            browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium | Firefox]:
    with sync_playwright() as playwright:
        browser = Firefox(playwright) if os.environ.get("FIREFOX") else Chromium(playwright)
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
def opened(site: Site, browser: Chromium | Firefox) -> Open:
    """`with opened(viewport=PHONE, …) as watched`: at its end, nothing may have been complained
    about and no other host asked. `tolerated`: parts of messages of the browser itself."""

    @contextmanager
    def open_page(*, tolerated: tuple[str, ...] = (), **options: Any) -> Iterator[Watched]:
        options.setdefault("viewport", DESKTOP)
        context = browser.new_context(**options)
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
