"""Dates in query strings and headers.

`?start=YYYY-MM-DD&end=YYYY-MM-DD`, either or both, both ends included (requirement E10).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

from core.exceptions import ValidationFailed

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Hyphen, non-breaking hyphen, figure, en and em dash, bar, minus, small and full-width hyphen.
_HYPHENS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
)


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days (UTC), both ends included; None is open."""

    start: date | None = None
    end: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.start or date.min) <= day <= (self.end or date.max)


def next_day(moment: datetime) -> datetime:
    """When the day (UTC) of `moment` is over: for `@cache_response(expires=next_day)`."""
    tomorrow = moment.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=UTC)


def has_form_of_iso_date(text: str) -> bool:
    return _ISO_DATE.fullmatch(text) is not None


def parse_iso_date(text: str) -> date | None:
    """`YYYY-MM-DD` and nothing else that ISO 8601 allows, or None."""
    if not has_form_of_iso_date(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def parse_http_date(text: str) -> datetime | None:
    """A date of a header (RFC 9110 §5.6.7), aware; one without a time zone is in UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_date_range(query: Mapping[str, str]) -> DateRange:
    """From a query string; an empty value is no filter. Raises ValidationFailed.

    Spaces around a date and the hyphens of other keyboards are taken.
    """
    start, end = _bound(query, "start"), _bound(query, "end")
    if start is not None and end is not None and start > end:
        raise ValidationFailed(f"start ({start}) must not be after end ({end}).", attr="start")
    return DateRange(start, end)


def _bound(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name, "").strip().translate(_HYPHENS)
    if not text:
        return None
    if (day := parse_iso_date(text)) is not None:
        return day
    if has_form_of_iso_date(text):
        raise ValidationFailed(
            f"{name} must be a day of the calendar (YYYY-MM-DD), which {text} is not.", attr=name
        )
    raise ValidationFailed(
        f"{name} must be a date of the form YYYY-MM-DD, such as 2026-03-01.", attr=name
    )
