"""`?start&end` as the API and the pages read it."""

from datetime import date

import pytest

from core.dates import DateRange, parse_date_range
from core.exceptions import ValidationFailed


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, DateRange()),
        ({"start": "", "end": ""}, DateRange()),
        ({"start": "2026-03-01"}, DateRange(date(2026, 3, 1), None)),
        ({"end": "2028-02-29"}, DateRange(None, date(2028, 2, 29))),
        ({"start": "2026-03-01", "end": "2026-03-01"}, DateRange(*[date(2026, 3, 1)] * 2)),
    ],
)
def test_either_or_both(query: dict[str, str], expected: DateRange) -> None:
    assert parse_date_range(query) == expected


@pytest.mark.parametrize(
    "text",
    [
        "20260301",
        "2026-W09-1",
        "2026-3-1",
        "2026-03-01T00:00:00",
        "2026 - 03 - 01",
        "2026--03-01",
        "٢٠٢٦-٠٣-٠١",  # noqa: RUF001  # digits, but not ours
        "yesterday",
        "9" * 10_000,
        "\0",
    ],
)
def test_anything_but_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed, match="YYYY-MM-DD"):
        parse_date_range({"end": text})


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 ",
        "\u00a02026-03-01",
        "2026-03-01\n",
        "2026\u201103\u201101",
        "2026\u221203\u201301",
    ],
)
def test_spaces_and_the_hyphens_of_other_keyboards_are_taken(text: str) -> None:
    assert parse_date_range({"start": text}).start == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["1990-02-30", "2027-02-29", "0000-01-01", "2026-13-01"])
def test_a_day_that_no_calendar_has_is_named_as_such(text: str) -> None:
    with pytest.raises(ValidationFailed, match=f"day of the calendar .*, which {text} is not"):
        parse_date_range({"end": text})


def test_the_start_is_not_after_the_end() -> None:
    with pytest.raises(ValidationFailed, match="2026-03-02"):
        parse_date_range({"start": "2026-03-02", "end": "2026-03-01"})
