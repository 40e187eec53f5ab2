"""What the query string of a page asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from core.dates import DateRange, parse_date_range
from core.exceptions import ValidationFailed
from repos.traffic.axes import Grouping


@dataclass(frozen=True, slots=True)
class PageQuery:
    """`grouping` None: the finest that stays legible."""

    within: DateRange
    grouping: Grouping | None = None


@dataclass(frozen=True, slots=True)
class QuickRange:
    label: str
    query: str
    is_current: bool


def parse_page_query(query: Mapping[str, str]) -> PageQuery:
    """Raises ValidationFailed; an empty value is no filter."""
    by = query.get("by", "")
    if by and by not in set(Grouping):
        raise ValidationFailed("by must be day, week or month.", attr="by")
    return PageQuery(within=parse_date_range(query), grouping=Grouping(by) if by else None)


_SPANS = (("14 days", 14), ("30 days", 30), ("90 days", 90), ("1 year", 365))


def quick_ranges(query: Mapping[str, str], *, today: date) -> list[QuickRange]:
    """Links to the usual ranges, today included; the chosen grouping stays."""
    by = {"by": query["by"]} if query.get("by") in set(Grouping) else {}
    asked = (query.get("start", ""), query.get("end", ""))
    ranges = []
    for label, days in _SPANS:
        start = (today - timedelta(days=days - 1)).isoformat()
        is_current = asked in ((start, ""), (start, today.isoformat()))
        ranges.append(QuickRange(label, "?" + urlencode({"start": start} | by), is_current))
    return [*ranges, QuickRange("All", "?" + urlencode(by), asked == ("", ""))]
