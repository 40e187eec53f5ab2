"""GitHub's responses, believed only when every value is of the right type and in range.

A body that does not pass changes nothing in the database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from repos.github_urls import RepositoryName, parse_full_name
from repos.traffic.merging import MAX_FIGURE, Count

LARGEST_ID = 2**63 - 1
MAX_DAYS = 15
MAX_POPULAR = 100
MAX_PAGE = 1000
MAX_TEXT = 2048
MAX_NAME = 255
_WEEKS_BACK = timedelta(days=28)
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


@dataclass(frozen=True, slots=True)
class AssetCounter:
    github_id: int
    downloads: int


@dataclass(frozen=True, slots=True)
class ReleaseCounters:
    """A published release and the download counters of its assets."""

    github_id: int
    tag: str
    name: str
    published_at: datetime
    assets: tuple[AssetCounter, ...]

    @property
    def downloads(self) -> int:
        return sum(asset.downloads for asset in self.assets)


@dataclass(frozen=True, slots=True)
class ListedRepository:
    """A repository in the list of an owner."""

    github_id: int
    name: RepositoryName
    can_push: bool
    is_private: bool
    is_fork: bool


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


def parse_weeks(body: bytes, *, metric: str, latest: date) -> dict[date, Count]:
    """Figures by the Monday of the week. Raises Malformed.

    A server that ignores `per=week` sends days: then nothing is a week.
    """
    answer = _object(parse_json(body))
    weeks = {
        _midnight(item.get("timestamp")): _count(item)
        for item in map(_object, _list(answer.get(metric), at_most=MAX_DAYS))
    }
    if any(week.weekday() != 0 for week in weeks):
        return {}
    if any(not latest - _WEEKS_BACK <= week <= latest for week in weeks):
        raise Malformed
    return weeks


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


def parse_details(body: bytes) -> RepositoryDetails:
    answer = _object(parse_json(body))
    is_private, is_archived = answer.get("private", False), answer.get("archived", False)
    if not (isinstance(is_private, bool) and isinstance(is_archived, bool)):
        raise Malformed
    full_name = answer.get("full_name")
    return RepositoryDetails(
        github_id=_optional_number(answer.get("id"), at_most=LARGEST_ID),
        name=parse_full_name(full_name) if isinstance(full_name, str) else None,
        is_private=is_private,
        is_archived=is_archived,
        stars=_optional_number(answer.get("stargazers_count")),
        forks=_optional_number(answer.get("forks_count")),
        watchers=_optional_number(answer.get("subscribers_count")),
        open_issues=_optional_number(answer.get("open_issues_count")),
    )


def parse_releases(body: bytes) -> list[ReleaseCounters]:
    """One page, without drafts, which only people who can push see. Raises Malformed."""
    return [
        ReleaseCounters(
            github_id=_id(item.get("id")),
            tag=_text(item.get("tag_name"), at_most=MAX_NAME),
            name=_text(item.get("name") or "", at_most=MAX_NAME),
            published_at=_moment(item.get("published_at")),
            assets=_assets(item.get("assets", [])),
        )
        for item in map(_object, _list(parse_json(body), at_most=MAX_PAGE))
        if not item.get("draft") and item.get("published_at") is not None
    ]


def parse_assets(body: bytes) -> tuple[AssetCounter, ...]:
    """One page of a release's assets. Raises Malformed."""
    return _assets(parse_json(body))


def parse_listed_repositories(body: bytes) -> list[ListedRepository]:
    """One page of an owner's repositories. Raises Malformed."""
    return [
        _listed_repository(item) for item in map(_object, _list(parse_json(body), at_most=MAX_PAGE))
    ]


def message_in(body: bytes) -> str:
    """GitHub's own words in an error response, to be compared and not to be shown."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    message = answer.get("message") if isinstance(answer, dict) else None
    return message[:MAX_TEXT] if isinstance(message, str) else ""


def _assets(value: Any) -> tuple[AssetCounter, ...]:
    return tuple(
        AssetCounter(_id(item.get("id")), _number(item.get("download_count")))
        for item in map(_object, _list(value, at_most=MAX_PAGE))
    )


def _listed_repository(item: dict[str, Any]) -> ListedRepository:
    full_name, permissions = item.get("full_name"), item.get("permissions")
    name = parse_full_name(full_name) if isinstance(full_name, str) else None
    if name is None:
        raise Malformed
    return ListedRepository(
        github_id=_id(item.get("id")),
        name=name,
        # Missing where GitHub does not know who asks.
        can_push=isinstance(permissions, dict) and permissions.get("push") is True,
        is_private=item.get("private", False) is not False,
        is_fork=item.get("fork", False) is not False,
    )


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


def _number(value: Any, *, at_most: int = MAX_FIGURE) -> int:
    # True is an int in Python and would count as one view.
    if type(value) is not int or not 0 <= value <= at_most:
        raise Malformed
    return value


def _optional_number(value: Any, *, at_most: int = MAX_FIGURE) -> int | None:
    return None if value is None else _number(value, at_most=at_most)


def _id(value: Any) -> int:
    return _number(value, at_most=LARGEST_ID)


def _text(value: Any, *, at_most: int = MAX_TEXT) -> str:
    """Text that every database stores; what is longer than any real path is cut."""
    if not isinstance(value, str) or "\0" in value:
        raise Malformed
    return value[:at_most]


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Malformed from error


def _midnight(value: Any) -> date:
    match = _MIDNIGHT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Malformed
    try:
        return date.fromisoformat(match[1])
    except ValueError as error:
        raise Malformed from error
