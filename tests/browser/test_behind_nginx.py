"""The admin in a browser, through nginx as shipped, on other ports than 80 and 443."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Chromium, Firefox, Site
from tests.browser.seed import PASSWORD
from tests.system.nginx import Nginx, needs_nginx

pytestmark = needs_nginx


@pytest.fixture(scope="module")
def nginx(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    port = urlsplit(site.address).port
    assert port is not None
    with Nginx(tmp_path_factory.mktemp("nginx") / "nginx", port=port).running() as server:
        yield server


@pytest.fixture
def page(browser: Chromium | Firefox) -> Iterator[Page]:
    # The certificate is our own.
    context = browser.new_context(ignore_https_errors=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_staff_log_in_and_save_a_form(nginx: Nginx, page: Page, scheme: str) -> None:
    address = getattr(nginx, scheme)
    page.goto(f"{address}/admin/", wait_until="networkidle")
    page.get_by_label("Username").fill("captain")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state("networkidle")

    assert page.url == f"{address}/admin/"
    assert page.locator(".foyer-state").count() == 1

    page.goto(f"{address}/admin/games/genre/add/", wait_until="networkidle")
    page.locator("#id_name").fill(f"Behind a proxy, by {scheme}")
    page.locator("[name=_save]").click()
    page.wait_for_load_state("networkidle")
    assert "was added successfully" in page.inner_text(".messagelist")
    assert page.url.startswith(address)
