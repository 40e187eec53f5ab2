"""The pictures of the README (`make screenshots`)."""

import os
from pathlib import Path

import pytest

from tests.browser.conftest import Open, Site

FOLDER = os.environ.get("SCREENSHOTS")


@pytest.mark.skipif(not FOLDER, reason="make screenshots")
def test_screenshots(site: Site, opened: Open) -> None:
    folder = Path(FOLDER or "")
    folder.mkdir(exist_ok=True)
    pictures = {
        "repository": (site.repository("busy"), "light"),
        "overview-dark": (site.overview(), "dark"),
    }
    for name, (url, scheme) in pictures.items():
        with opened(color_scheme=scheme) as watched:
            page = watched.go(url)
            page.wait_for_timeout(500)
            page.screenshot(path=folder / f"{name}.png")
