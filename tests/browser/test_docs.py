"""`/docs` in a browser."""

import json

from tests.browser.accessibility import faults_of
from tests.browser.conftest import PHONE, Open, Site

# Swagger UI about its own links to calls with "_" in their names.
DEEP_LINK = ("escaping deep link whitespace",)


def test_shows_every_domain(site: Site, opened: Open) -> None:
    with opened() as watched:
        page = watched.go(f"{site.address}/docs")
        page.wait_for_selector(".opblock")

        domains = page.locator(".opblock-tag").evaluate_all(
            "tags => tags.map(tag => tag.dataset.tag)"
        )

        assert domains[:3] == ["Accounts", "Sessions", "Accounts by username"]
        assert page.locator(".opblock").count() > 50


def test_try_it_out_gets_an_answer(site: Site, opened: Open) -> None:
    with opened(tolerated=DEEP_LINK) as watched:
        page = watched.go(f"{site.address}/docs#/Games/genres_list")
        call = page.locator("#operations-Games-genres_list")
        call.get_by_role("button", name="Execute").click()
        answer = call.locator(".live-responses-table .response-col_status").last

        answer.wait_for()

        assert answer.inner_text().startswith("200")


def test_authorize_works_for_both_kinds_of_token(site: Site, opened: Open) -> None:
    with opened(tolerated=DEEP_LINK) as watched:
        page = watched.go(f"{site.address}/docs#/Traffic/repositories_list")
        page.locator(".auth-wrapper .authorize").first.click()
        scheme = page.locator(".auth-container").filter(has_text="X-API-Token")
        # Typed: in Firefox, what Playwright fills in is not noticed by this form.
        scheme.locator("input").press_sequentially(site.staged["api"])
        scheme.get_by_role("button", name="Apply credentials").click()
        page.locator(".btn-done").first.click()
        call = page.locator("#operations-Traffic-repositories_list")
        call.get_by_role("button", name="Execute").click()
        body = call.locator(".live-responses-table .response-col_description code").first
        body.wait_for()

        assert len(json.loads(body.inner_text())) == 6


def test_is_readable_on_a_phone(site: Site, opened: Open) -> None:
    with opened(viewport=PHONE) as watched:
        page = watched.go(f"{site.address}/docs")
        page.wait_for_selector(".opblock")

        assert page.evaluate("document.body.scrollWidth") <= PHONE["width"] + 20


def test_opened_calls_can_be_read_and_fit_on_a_phone(site: Site, opened: Open) -> None:
    with opened(viewport=PHONE) as watched:
        page = watched.go(f"{site.address}/docs")
        for method in ("get", "post", "put", "patch", "delete"):
            page.locator(f".opblock-{method} .opblock-summary-control").nth(1).click()
        page.locator(".opblock.is-open .responses-table").nth(4).wait_for()

        faults = [fault for fault in faults_of(page) if fault.startswith("color-contrast:")]
        assert faults == []
        assert page.evaluate("document.body.scrollWidth") <= PHONE["width"]
