"""Badges and chart images as a README shows them."""

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from repos.badges.badge import Badge, badge_svg, endpoint_json, number_badge
from repos.badges.chart import Chart, chart_svg, message_svg
from repos.badges.numbers import short_number

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 4)
HOSTILE = '</title><script>alert("x")</script>&\x00\x1b'


def chart(**changes: object) -> Chart:
    values: dict[str, object] = {
        "title": "octocat/app",
        "unit": "a day",
        "first": FIRST,
        "last": LAST,
        "total": [5, None, 9, 2],
        "unique": [1, None, 3, 1],
    }
    return Chart(**(values | changes))  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1k"),
        (1234, "1.2k"),
        (1250, "1.3k"),
        (1750, "1.8k"),
        (2_250_000, "2.3M"),
        (9949, "9.9k"),
        (9960, "10k"),
        (10_500, "11k"),
        (12_345, "12k"),
        (999_499, "999k"),
        (999_999, "1M"),
        (1_000_000, "1M"),
        (1_234_567, "1.2M"),
        (2**63 - 1, "9.2E"),
    ],
)
def test_numbers_are_written_as_shields_io_writes_them(number: int, text: str) -> None:
    assert short_number(number) == text


def test_a_badge_names_its_figure_for_screen_readers() -> None:
    root = ET.fromstring(badge_svg(number_badge("views", 1234)))

    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "views: 1.2k"
    assert root.findtext("{*}title") == "views: 1.2k"


def test_a_badge_without_a_figure_says_so_and_no_zero() -> None:
    badge = number_badge("stars", None)

    assert "no data yet" in badge_svg(badge)
    assert endpoint_json(badge)["message"] == "no data yet"


def test_the_data_of_a_badge_follow_the_schema_of_shields_io() -> None:
    assert endpoint_json(number_badge("clones", 12)) == {
        "schemaVersion": 1,
        "label": "clones",
        "message": "12",
        "color": "blue",
    }


def test_texts_fit_their_fields_in_any_font() -> None:
    """A text of fixed length is stretched into its field."""
    root = ET.fromstring(badge_svg(number_badge("unique visitors", 999_000)))

    ends = [
        float(text.attrib["x"]) + float(text.attrib["textLength"])
        for text in root.findall(".//{*}text")
    ]
    assert len(ends) == 2
    assert ends[-1] < float(root.attrib["width"])


@pytest.mark.parametrize(
    "svg",
    [
        badge_svg(Badge(HOSTILE.strip("\x00\x1b"), "x")),
        chart_svg(chart(title=HOSTILE, unit=HOSTILE, marks=[(0, HOSTILE)])),
        message_svg(HOSTILE),
    ],
)
def test_an_image_holds_no_script_and_refers_to_nothing_outside(svg: str) -> None:
    names = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}

    assert names <= {"svg", "title", "desc", "style", "g", "rect", "path", "text"}
    assert not re.search(r"href|url\(|@import|<script", svg)
    assert svg.count("http") == 1  # the name space


def test_a_chart_breaks_its_lines_where_nothing_was_collected() -> None:
    root = ET.fromstring(chart_svg(chart()))
    lines = [path for path in root.findall(".//{*}path") if path.get("class") == "total"]

    # One of the legend, a dot before the gap and a line behind it.
    assert len(lines) == 3
    assert len([one for one in root.findall(".//{*}rect") if one.get("class") == "gap"]) == 1


def test_a_chart_marks_releases_and_lists_them_in_words() -> None:
    root = ET.fromstring(chart_svg(chart(marks=[(0, "v1.0"), (2, "v2.0")])))

    assert len([path for path in root.findall(".//{*}path") if path.get("class") == "mark"]) == 2
    assert "Releases: v1.0, v2.0." in (root.findtext("{*}desc") or "")
    assert {"v1.0", "v2.0"} <= {text.text for text in root.findall(".//{*}text")}


def test_a_chart_of_nothing_says_so() -> None:
    svg = chart_svg(chart(total=[None], unique=[None], last=FIRST))

    assert "No traffic is stored yet." in svg


def test_a_chart_of_zeros_and_of_one_day_can_be_drawn() -> None:
    assert ET.fromstring(chart_svg(chart(total=[0], unique=[0], last=FIRST))) is not None


def test_a_chart_tells_light_from_dark_itself() -> None:
    svg = chart_svg(chart())

    assert "prefers-color-scheme:dark" in svg
    assert 'class="ground"' in svg
