"""Dates and figures as keepers write them."""

import re
from datetime import date
from typing import TypeGuard

from core.dates import parse_iso_date
from repos.traffic.merging import MAX_FIGURE

# GitHub was founded in 2008, and counts traffic since 2014.
EARLIEST = date(2000, 1, 1)
WANTED_FIGURE = f"a whole number from 0 to {MAX_FIGURE}, digits only, such as 1234"

_MIDNIGHT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]00:00:00(?:\.0+)?(?:\+00:00|\+0000|Z)?)?"
)
# pandas writes whole numbers as 2.0 in a column that has empty cells. With three zeros it may be a
# thousand, as spreadsheets of many countries write it.
_WHOLE = re.compile(r"([0-9]{1,19})(?:\.0{0,2})?")


def wanted_date(today: date) -> str:
    """The form of a date, for an error."""
    return f"a day from {EARLIEST} to today ({today}, UTC), such as 2026-03-01"


def parse_day(text: str, *, today: date) -> date | None:
    """A day (UTC), alone or with the midnight that opens it; None for anything else and for a day
    that GitHub cannot have counted."""
    match = _MIDNIGHT.fullmatch(text)
    day = parse_iso_date(match[1]) if match else None
    return day if day is not None and EARLIEST <= day <= today else None


def parse_figure(text: str, *, allow_decimals: bool = False) -> int | None:
    """A count from 0 to 10^14, or None. `allow_decimals`: `2.0` is 2 too."""
    match = _WHOLE.fullmatch(text)
    if match is None or (match[1] != text and not allow_decimals):
        return None
    value = int(match[1])
    return value if value <= MAX_FIGURE else None


def is_figure(value: object) -> TypeGuard[int]:
    """Whether a JSON or SQLite value is a count from 0 to 10^14."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_FIGURE
