"""JSON: GitHub's own answers, and the keepers that store them."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

from core.files.csv import local_form_of
from repos.github_urls import RepositoryName
from repos.imports.histories import (
    FileHistory,
    NotTraffic,
    OtherRepositories,
    UnreadableFile,
    day_figures,
)
from repos.imports.values import WANTED_FIGURE, is_figure, parse_day, wanted_date
from repos.traffic.merging import DayFigures, merged

# Bounds the memory that the parsed values take: 50 to 100 bytes each.
MAX_VALUES = 1_000_000
# Python converts no more than 4,300.
_MAX_DIGITS = 1000
# GitHub's answer lists at most 15 days; a file with more was gathered over time.
_MAX_DAYS_OF_AN_ANSWER = 15
_SERIES = {"views": ("views", "unique_visitors"), "clones": ("clones", "unique_cloners")}
_TRACKER_KEYS = {
    "views": "views",
    "unique_visitors": "uniqueViews",
    "clones": "clones",
    "unique_cloners": "uniqueClones",
}


def read_json_file(
    content: bytes, *, wanted: RepositoryName, today: date, holds_days: bool = False
) -> FileHistory:
    """`holds_days`: known to hold no weeks. Raises UnreadableFile with the place, what was found
    and what is wanted."""
    value = parse_json(content)
    match value:
        case {"dailyHistory": list(entries)}:
            return _tracker(value, entries, wanted, today)
        case {"views": _} | {"clones": _}:
            answers = [_answer(series, value, today) for series in _SERIES]
            if any(answer is not None for answer in answers):
                return _history_of([one for one in answers if one is not None], holds_days)
    raise NotTraffic(f"This is {_name_of(value)}.")


def parse_json(content: bytes) -> Any:
    """Any JSON value, with or without a byte order mark. Raises UnreadableFile."""
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
        raise UnreadableFile(f"The JSON has more than {MAX_VALUES} values.")
    try:
        return json.loads(
            content.decode(json.detect_encoding(content)),
            parse_int=_integer,
            parse_constant=_reject_constant,
        )
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"This is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from error
    except RecursionError as error:
        raise UnreadableFile("The JSON is nested too deeply.") from error
    except ValueError as error:  # not UTF-8; NaN
        raise UnreadableFile(f"This is not JSON: {error}.") from error


def looks_like_json(content: bytes) -> bool:
    """Whether it begins like an object or a list, in any encoding that JSON may have: PowerShell
    writes the output of other programs as UTF-16."""
    start = content[:200]
    text = start.decode(json.detect_encoding(start), "ignore")
    return text.removeprefix("\ufeff").lstrip().startswith(("{", "["))


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise UnreadableFile(f"The JSON has a number of {len(digits)} digits.")
    return int(digits)


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _answer(series: str, value: Mapping[str, Any], today: date) -> dict[date, DayFigures] | None:
    """GitHub's answer to `/traffic/views` or `/traffic/clones`, by day or by week; alone, or as a
    member of an object that holds both. None: `value` has no such series."""
    entries = value.get(series)
    if isinstance(entries, dict):
        entries = entries.get(series)
    if not isinstance(entries, list):
        return None
    total, uniques = _SERIES[series]
    found: dict[date, DayFigures] = {}
    for number, entry in enumerate(entries):
        place = f"{series}[{number}]"
        day = _day(entry, "timestamp", place, today)
        figures = day_figures(
            {total: _figure(entry, "count", place), uniques: _figure(entry, "uniques", place)}
        )
        found[day] = figures.merged_with(found.get(day, DayFigures()))
    return found


def _are_weeks(days: Collection[date]) -> bool:
    """Whether these are the Mondays of `per=week`: nothing else tells the two answers apart.

    In doubt (a single Monday) yes: a week taken for a day would be too large for good, since
    figures are merged by the maximum.
    """
    return bool(days) and all(day.weekday() == 0 for day in days)


def _history_of(answers: Sequence[Mapping[date, DayFigures]], holds_days: bool) -> FileHistory:
    """Views, clones or both of one file. Who stores both asks for both in the same way."""
    [together, *others] = answers
    for other in others:
        together = merged(together, other)
    if not holds_days and _are_weeks(together):
        return FileHistory("github", weeks=together)
    is_gathered = holds_days or any(len(one) > _MAX_DAYS_OF_AN_ANSWER for one in answers)
    return FileHistory("traffic-to-badge" if is_gathered else "github", days=together)


def _tracker(
    state: Mapping[str, Any], entries: list[Any], wanted: RepositoryName, today: date
) -> FileHistory:
    """`state.json` or a month's archive of github-traffic-tracker."""
    repository = state.get("repo")
    if isinstance(repository, str) and not wanted.is_called(repository):
        raise OtherRepositories([repository[:200]], wanted=wanted.full_name)
    days: dict[date, DayFigures] = {}
    for number, entry in enumerate(entries):
        place = f"dailyHistory[{number}]"
        day = _day(entry, "date", place, today)
        figures = _tracker_figures(entry, place)
        days[day] = figures.merged_with(days.get(day, DayFigures()))
    return FileHistory("github-traffic-tracker", days)


def _tracker_figures(entry: Mapping[str, Any], place: str) -> DayFigures:
    """A missing key was never collected. Neither was a 0 of people where there were views or
    clones: the tracker fills days that it knew without their uniques with 0."""
    figures = {
        name: _figure(entry, key, place, optional=True) for name, key in _TRACKER_KEYS.items()
    }
    for total, uniques in _SERIES.values():
        if figures[total] and figures[uniques] == 0:
            figures[uniques] = None
    return day_figures(figures)


def _day(entry: Any, key: str, place: str, today: date) -> date:
    if not isinstance(entry, dict):
        raise _wrong(place, entry, f"an object with {key}")
    text = entry.get(key)
    day = parse_day(text, today=today) if isinstance(text, str) else None
    if day is None:
        raise _wrong(f"{place}.{key}", text, wanted_date(today))
    return day


def _figure(
    entry: Mapping[str, Any], key: str, place: str, *, optional: bool = False
) -> int | None:
    value = entry.get(key)
    if value is None and optional:
        return None
    if not is_figure(value):
        raise _wrong(f"{place}.{key}", value, WANTED_FIGURE)
    return value


def _wrong(place: str, found: object, wanted: str) -> UnreadableFile:
    shown = "nothing" if found is None else json.dumps(found, ensure_ascii=False)
    shown = shown if len(shown) <= 40 else f"{shown[:40]}…"
    kind = local_form_of(found) if isinstance(found, str) else None
    return UnreadableFile(
        f"{place}: found {shown}{f', {kind}' if kind else ''}; wanted is {wanted}."
    )


def _name_of(value: object) -> str:
    """What a JSON value without days of traffic is, as far as it can be told."""
    match value:
        case [{"referrer": _}, *_] | [{"source": _, "count": _}, *_]:
            return "a list of referrers; only days of views and clones are taken"
        case [{"path": _, "title": _}, *_]:
            return "a list of popular paths; only days of views and clones are taken"
        case []:
            return "an empty list, as GitHub answers for referrers or paths of a quiet repository"
        case {"message": str(message), "documentation_url": _}:
            return f"an error of GitHub: {message[:200]}"
        case {"schemaVersion": _, "label": _, "message": _}:
            return "the data of a badge, which has no history; send state.json"
        case {"full_name": _, "stargazers_count": _}:
            return (
                "GitHub's description of a repository; send its /traffic/views or /traffic/clones"
            )
        case {"schemaVersion": _} | {"totalViews": _} | {"archives": _}:
            return "a file of github-traffic-tracker without dailyHistory; send state.json"
        case {"count": _, "uniques": _}:
            return "an answer of GitHub without its days"
    return (
        "JSON, but not of a known keeper: wanted is GitHub's answer to /traffic/views or"
        " /traffic/clones, a state.json of github-traffic-tracker or a file of traffic-to-badge"
    )
