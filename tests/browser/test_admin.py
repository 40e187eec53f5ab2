"""The admin's main paths in a browser, under its policy."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PAPER, Open, Site, needs_chromium
from tests.browser.seed import PASSWORD


@pytest.fixture
def admin(site: Site, opened: Open) -> Open:
    @contextmanager
    def logged_in() -> Iterator[Page]:
        with opened() as watched:
            page = watched.go(f"{site.address}/admin/")
            page.get_by_label("Username").fill("captain")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_load_state("networkidle")
            yield page

    return logged_in


def test_the_start_page_tells_the_state(admin: Open) -> None:
    with admin() as page:
        state = page.locator(".foyer-state").inner_text()

        assert "54 fetched, 1 failed" in state
        assert "1 failing" in state


def test_a_user_is_found_and_opened(site: Site, admin: Open) -> None:
    with admin() as page:
        page.goto(f"{site.address}/admin/users/user/", wait_until="networkidle")
        page.locator("#searchbar").fill("maya")
        page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
        page.get_by_role("link", name="maya", exact=True).click()
        page.wait_for_load_state("networkidle")

        assert page.locator("#id_username").input_value() == "maya"


def test_a_repository_leads_to_its_chart(site: Site, admin: Open) -> None:
    with admin() as page:
        page.goto(
            f"{site.address}/admin/repos/trackedrepository/?fetch=failed", wait_until="networkidle"
        )
        page.get_by_role("link", name="chart").first.click()
        page.wait_for_load_state("networkidle")

        assert page.locator("canvas").count() == 2
        page.get_by_role("link", name="Administration").click()
        page.wait_for_load_state("networkidle")
        assert "/admin/repos/trackedrepository/" in page.url


def test_a_list_is_downloaded(site: Site, admin: Open) -> None:
    with admin() as page:
        page.goto(f"{site.address}/admin/users/user/", wait_until="networkidle")
        page.locator("#action-toggle").check()
        page.locator("select[name=action]").select_option("export_csv")
        with page.expect_download() as download:
            page.get_by_role("button", name="Go", exact=True).click()

        lines = download.value.path().read_text("utf-8-sig").splitlines()
        assert lines[0].startswith("id,")
        assert any(",maya," in line for line in lines)


def test_a_game_can_be_added(site: Site, admin: Open) -> None:
    with admin() as page:
        page.goto(f"{site.address}/admin/games/genre/add/", wait_until="networkidle")
        page.locator("#id_name").fill("Navigation")
        page.locator("[name=_save]").click()
        page.wait_for_load_state("networkidle")

        assert "was added successfully" in page.inner_text(".messagelist")


@needs_chromium
@pytest.mark.parametrize("path", ["repos/trackedrepository/", "users/user/2/change/"])
def test_on_paper_the_whole_width_is_for_what_was_asked_for(
    path: str, site: Site, admin: Open
) -> None:
    with admin() as page:
        page.goto(f"{site.address}/admin/{path}", wait_until="networkidle")
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size(PAPER)

        assert page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
        shown = "#result_list" if "change" not in path else "fieldset"
        box = page.locator(shown).first.bounding_box()
        assert box is not None
        assert box["width"] > 0.9 * PAPER["width"]
        for control in ("#nav-sidebar", "#changelist-filter", "#toolbar", ".submit-row"):
            assert not any(each.is_visible() for each in page.locator(control).all())
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
