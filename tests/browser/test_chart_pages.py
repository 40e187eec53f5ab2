"""The chart pages as people see them."""

import os
import re
import shutil
import subprocess
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import faults_of
from tests.browser.conftest import DESKTOP, PHONE, SMALL_PHONE, Open, Site, needs_chromium
from tests.concurrency import wait_until

VIEWPORTS = {"small phone": SMALL_PHONE, "phone": PHONE, "desktop": DESKTOP}
# Colours that are not the ground, by canvas: the charts' lines.
DRAWN = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let drawn = 0;
    for (let n = 3; n < data.length; n += 4) if (data[n] > 200) drawn += 1;
    return drawn;
}"""
# A click on "Show" or a screenshot must not see the page wider than the window.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def pages_of(site: Site) -> dict[str, str]:
    return {
        "overview": site.overview(),
        "repository": site.repository("busy"),
        "api token": site.repository("young", token="api"),
        "empty": site.repository("empty"),
        "failing": site.repository("failing"),
        "one day": site.repository("new"),
    }


@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(True, id="script"),
        pytest.param(False, id="no-script", marks=needs_chromium),
    ],
)
def test_every_state_is_sound(
    viewport: str, scheme: str, script: bool, site: Site, opened: Open
) -> None:
    with opened(
        viewport=VIEWPORTS[viewport], color_scheme=scheme, java_script_enabled=script
    ) as watched:
        for name, url in pages_of(site).items():
            page = watched.go(url)

            assert page.locator("h1").is_visible()
            if script:
                assert page.evaluate(OVERFLOW) == 0, name
                assert faults_of(page) == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_really_drawn(scheme: str, site: Site, opened: Open) -> None:
    # Chromium about repeated looks of this test into the canvas.
    with opened(color_scheme=scheme, tolerated=("Canvas2D",)) as watched:
        page = watched.go(site.repository("busy"))

        canvases = page.locator("canvas").all()

        # Views, clones, four of growth, downloads.
        assert len(canvases) == 7
        for canvas in canvases:
            canvas.scroll_into_view_if_needed()
            assert wait_until(lambda: canvas.evaluate(DRAWN) > 400)  # noqa: B023  # called at once


def test_charts_far_below_are_drawn_when_they_come_near(site: Site, opened: Open) -> None:
    # Chromium about the look of this test into the canvas.
    with opened(tolerated=("Canvas2D",)) as watched:
        page = watched.go(site.overview("fleet"))
        last = page.locator("canvas").last

        assert last.evaluate(DRAWN) == 0
        last.scroll_into_view_if_needed()

        assert page.locator("canvas").count() == 2 + 100
        assert wait_until(lambda: last.evaluate(DRAWN) > 100)


def test_nothing_moves_while_the_page_loads(site: Site, opened: Open) -> None:
    with opened() as watched:
        watched.page.add_init_script(
            """window.shift = 0;
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) window.shift += entry.value;
            }).observe({ type: "layout-shift", buffered: true });"""
        )
        page = watched.go(site.overview())

        assert page.evaluate("window.shift") < 0.01


@needs_chromium
def test_without_script_there_is_a_drawing_and_the_table(site: Site, opened: Open) -> None:
    with opened(java_script_enabled=False) as watched:
        page = watched.go(site.repository("busy"))

        assert page.locator(".plot svg").first.is_visible()
        assert not page.locator("canvas").first.is_visible()
        days = page.locator(f"#traffic-{site.staged['ids']['busy']} tbody tr")
        assert days.count() == 88
        assert days.first.is_visible()

        page = watched.go(site.overview())
        assert page.locator(f"#traffic-{site.staged['ids']['busy']} tbody tr").first.is_visible()


class TestByKeyboard:
    def test_the_range_can_be_chosen(self, site: Site, opened: Open) -> None:
        with opened() as watched:
            page = watched.go(site.repository("busy"))
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"

            page.get_by_label("One point a").focus()
            page.keyboard.press("w")
            page.keyboard.press("Tab")
            with page.expect_navigation():
                page.keyboard.press("Enter")

            assert page.url.endswith("?by=week")
            assert page.get_by_label("One point a").input_value() == "week"

    def test_the_table_scrolls(self, site: Site, opened: Open) -> None:
        with opened() as watched:
            page = watched.go(site.repository("busy"))
            region = page.get_by_role("region", name="Table of days")
            region.focus()
            page.keyboard.press("End")

            assert wait_until(lambda: region.evaluate("region => region.scrollTop") > 0)


def test_quick_ranges_and_links_lead_there_and_back(site: Site, opened: Open) -> None:
    with opened() as watched:
        page = watched.go(site.overview())
        page.get_by_role("link", name="30 days").click()
        page.wait_for_load_state("networkidle")
        assert re.search(r"\?start=\d{4}-\d\d-\d\d$", page.url)

        page.get_by_role("link", name="lighthouse/foghorn").click()
        page.wait_for_load_state("networkidle")
        assert page.url.startswith(site.repository("busy") + "?start=")
        assert page.locator("[id^=traffic-] tbody tr").count() == 29

        page.get_by_role("link", name="All repositories").click()
        page.wait_for_load_state("networkidle")
        assert page.url.startswith(site.overview() + "?start=")


def test_the_tooltip_names_the_day_and_its_figures(site: Site, opened: Open) -> None:
    with opened() as watched:
        page = watched.go(site.repository("busy"))

        shown = page.locator("canvas").first.evaluate(
            """canvas => {
                const chart = Chart.getChart(canvas);
                chart.tooltip.setActiveElements([{datasetIndex: 1, index: 95}], {x: 1, y: 1});
                chart.update();
                return [chart.tooltip.title, chart.tooltip.body.map(one => one.lines[0])].flat();
            }"""
        )

        assert re.fullmatch(r"\w{3},? \d+ \w+ \d{4}", shown[0])
        assert shown[1].strip().endswith("views")


@needs_chromium
def test_paper_is_light_and_has_every_chart(site: Site, opened: Open) -> None:
    with opened(color_scheme="dark") as watched:
        page = watched.go(site.overview())
        page.emulate_media(media="print", color_scheme="dark")
        drawings = page.locator(".drawing svg")
        assert wait_until(lambda: 0 < drawings.count() == page.locator("canvas").count())

        assert _background(page) == "rgb(255, 255, 255)"
        assert not page.locator("form.range").is_visible()
        # Drawings fit any paper; a canvas has the size that it had on the screen.
        assert not any(canvas.is_visible() for canvas in page.locator("canvas").all())
        assert all(drawing.is_visible() for drawing in drawings.all())
        assert page.locator(".on-paper").is_visible()
        assert page.evaluate(OVERFLOW) == 0
        assert len(page.pdf()) > 10_000


def test_no_heading_is_alone_at_the_end_of_a_sheet(site: Site, opened: Open) -> None:
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("pdftotext is not installed (Debian: apt install poppler-utils)")
    # What Playwright gives to Firefox as inches is taken for centimetres (docs/neighbours.md).
    unit = 2.54 if os.environ.get("FIREFOX") else 1
    with opened() as watched:
        page = watched.go(site.repository("busy"))
        headings = page.locator("h2").evaluate_all("all => all.map(h => h.firstChild.data.trim())")
        for height_mm in range(180, 300, 12):
            paper = page.pdf(width=f"{210 * unit}mm", height=f"{height_mm * unit}mm")
            text = subprocess.check_output([pdftotext, "-", "-"], input=paper)
            for sheet in text.decode().strip("\f").split("\f"):
                last = sheet.rstrip().splitlines()[-1]
                assert not any(last.startswith(heading) for heading in headings), height_mm


@pytest.mark.parametrize("media", ["screen", pytest.param("print", marks=needs_chromium)])
def test_figures_stand_on_one_line(
    media: Literal["print", "screen"], site: Site, opened: Open
) -> None:
    with opened() as watched:
        page = watched.go(site.repository("busy"))
        page.emulate_media(media=media)

        lines = page.locator(".ranking td + td:not(.over-time):not(.most)").evaluate_all(
            """cells => cells.map(cell => {
                const range = document.createRange();
                range.selectNodeContents(cell);
                return range.getClientRects().length;
            })"""
        )

        assert lines
        assert set(lines) == {1}


def _background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


REFUSALS = [
    ("{share}/repos?start=2026-02-30", 400, "2026-02-30"),
    ("{share}/repos?start=2026-02-02&end=2026-02-01", 400, "must not be after"),
    ("0123/repos", 404, "There is nothing here"),
    ("{share}/repos/none", 404, "There is nothing here"),
]


@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_refusals_are_pages(viewport: str, site: Site, opened: Open) -> None:
    with opened(viewport=VIEWPORTS[viewport], tolerated=("Failed to load resource",)) as watched:
        for path, status, text in REFUSALS:
            page = watched.go(f"{site.address}/users/{path.format(**site.staged)}", status)

            assert text in page.inner_text("main")
            assert page.evaluate(OVERFLOW) == 0
            assert faults_of(page) == []


def test_ten_years_open_quickly(site: Site, opened: Open) -> None:
    with opened() as watched:
        page = watched.go(site.repository("decade", token="fleet"))

        assert page.locator("table.days tbody tr").count() == 3650 - 111
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].duration")
        assert loaded < 5000, "milliseconds"
