"""GitHub's answers, believed only when every value is of the right type and in range.

A body that does not pass changes nothing in the database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from repos.github_urls import RepositoryName, parse_full_name
from repos.traffic.merging import Count

LARGEST_COUNT = 2**63 - 1
MAX_DAYS = 15
MAX_POPULAR = 100
MAX_TEXT = 2048
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00Z")


class Malformed(Exception):
    """The body is not what GitHub documents."""


@dataclass(frozen=True, slots=True)
class Window:
    """Views or clones of GitHub's window of 14 days: each person counted once in `total`, and the
    days that GitHub listed."""

    total: Count
    days: Mapping[date, Count]


@dataclass(frozen=True, slots=True)
class Referrer:
    referrer: str
    views: int
    unique_visitors: int


@dataclass(frozen=True, slots=True)
class VisitedPath:
    path: str
    title: str
    views: int
    unique_visitors: int


@dataclass(frozen=True, slots=True)
class RepositoryDetails:
    """What GitHub says of the repository itself; None is what it does not say."""

    github_id: int | None
    name: RepositoryName | None
    is_private: bool
    is_archived: bool
    stars: int | None
    forks: int | None
    watchers: int | None
    open_issues: int | None


def parse_json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed from error


def parse_window(body: bytes, *, metric: str, earliest: date, latest: date) -> Window:
    """`metric` is `views` or `clones`. Raises Malformed, also for days outside the window."""
    answer = _object(parse_json(body))
    listed = _list(answer.get(metric), at_most=MAX_DAYS)
    days: dict[date, Count] = {}
    for item in map(_object, listed):
        day = _midnight(item.get("timestamp"))
        if day in days or not earliest <= day <= latest:
            raise Malformed
        days[day] = _count(item)
    return Window(_count(answer), days)


def parse_referrers(body: bytes) -> tuple[Referrer, ...]:
    return tuple(
        Referrer(_text(item.get("referrer")), count.total, count.uniques)
        for item, count in _popular(body)
    )


def parse_paths(body: bytes) -> tuple[VisitedPath, ...]:
    return tuple(
        VisitedPath(
            _text(item.get("path")), _text(item.get("title", "")), count.total, count.uniques
        )
        for item, count in _popular(body)
    )


def parse_facts(body: bytes) -> RepositoryDetails:
    answer = _object(parse_json(body))
    is_private, is_archived = answer.get("private", False), answer.get("archived", False)
    if not (isinstance(is_private, bool) and isinstance(is_archived, bool)):
        raise Malformed
    full_name = answer.get("full_name")
    return RepositoryDetails(
        github_id=_optional_number(answer.get("id")),
        name=parse_full_name(full_name) if isinstance(full_name, str) else None,
        is_private=is_private,
        is_archived=is_archived,
        stars=_optional_number(answer.get("stargazers_count")),
        forks=_optional_number(answer.get("forks_count")),
        watchers=_optional_number(answer.get("subscribers_count")),
        open_issues=_optional_number(answer.get("open_issues_count")),
    )


def message_of(body: bytes) -> str:
    """GitHub's own words in an error answer, to be compared and not to be shown."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    message = answer.get("message") if isinstance(answer, dict) else None
    return message[:MAX_TEXT] if isinstance(message, str) else ""


def _popular(body: bytes) -> list[tuple[dict[str, Any], Count]]:
    items = [_object(item) for item in _list(parse_json(body), at_most=MAX_POPULAR)]
    return [(item, _count(item)) for item in items]


def _count(item: dict[str, Any]) -> Count:
    return Count(_number(item.get("count")), _number(item.get("uniques")))


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed
    return value


def _list(value: Any, *, at_most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > at_most:
        raise Malformed
    return value


def _number(value: Any) -> int:
    # True is an int in Python and would count as one view.
    if type(value) is not int or not 0 <= value <= LARGEST_COUNT:
        raise Malformed
    return value


def _optional_number(value: Any) -> int | None:
    return None if value is None else _number(value)


def _text(value: Any) -> str:
    """Text that every database stores; what is longer than any real path is cut."""
    if not isinstance(value, str) or "\0" in value:
        raise Malformed
    return value[:MAX_TEXT]


def _midnight(value: Any) -> date:
    match = _MIDNIGHT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Malformed
    try:
        return date.fromisoformat(match[1])
    except ValueError as error:
        raise Malformed from error
