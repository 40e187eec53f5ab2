"""Everything about one repository, read one request after the other."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from repos.github import exceptions, schemas
from repos.github.exceptions import GitHubError, RepositoryArchived, Unreachable
from repos.github.http_client import HttpClient, etag_of
from repos.github.releases import ReleaseReader
from repos.github.resource import Resource
from repos.github.schemas import (
    Malformed,
    Referrer,
    ReleaseCounters,
    RepositoryDetails,
    VisitedPath,
    Window,
)
from repos.github.transport import Response
from repos.github_urls import RepositoryName
from repos.traffic.merging import Count

# A run that starts before midnight may get its response after it.
CLOCK_TOLERANCE = timedelta(minutes=10)
# GitHub's window is 14 days, and its figures are up to an hour old: in the first hour of a day it
# can still be the window of the day before.
_DAYS_BACK = timedelta(days=15)
_FORMS = re.compile(
    r"/(?:repositories/(?P<id>[0-9]{1,18})|repos/[A-Za-z0-9_-]{1,80}/[A-Za-z0-9._-]{1,100})"
)
_VIEWS, _CLONES = "/traffic/views", "/traffic/clones"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RepositoryRef:
    """A repository to ask about. `etags`, by path below the repository, are those of the bodies
    that are stored already. A repository with another id than `github_id` is not this one.
    `owners`, in lower case: for whom the credential is meant; empty: for everybody."""

    name: RepositoryName
    github_id: int | None = None
    etags: Mapping[str, str] = field(default_factory=dict)
    may_be_private: bool = True
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConditionalResult(Generic[T]):
    """`value` is None when it is still the one that was stored with its ETags."""

    value: T | None
    etags: Mapping[str, str]


@dataclass(slots=True)
class FetchResult:
    """What came of one repository; parts that were not reached are None and `problem` says why.

    `requested_at`: by GitHub's clock, before the first figure was asked for. `notice`: what could
    not be read although the fetch succeeded.
    """

    requested_at: datetime
    github_id: int | None = None
    # GitHub knows the repository by another name now.
    has_moved: bool = False
    facts: ConditionalResult[RepositoryDetails] | None = None
    views: ConditionalResult[Window] | None = None
    clones: ConditionalResult[Window] | None = None
    weekly_views: ConditionalResult[Mapping[date, Count]] | None = None
    weekly_clones: ConditionalResult[Mapping[date, Count]] | None = None
    referrers: ConditionalResult[tuple[Referrer, ...]] | None = None
    paths: ConditionalResult[tuple[VisitedPath, ...]] | None = None
    releases: ConditionalResult[tuple[ReleaseCounters, ...]] | None = None
    problem: GitHubError | None = None
    notice: str = ""


class RepositoryClient:
    def __init__(self, http: HttpClient, ref: RepositoryRef) -> None:
        self._http = http
        self._ref = ref
        self._name = ref.name.full_name
        self._resource = Resource(http, f"/repos/{self._name}", forms=_FORMS)
        self._github_id = ref.github_id
        self._has_facts = False

    def fetch(self) -> FetchResult:
        """Never raises a GitHubError: it is the `problem`."""
        result = FetchResult(requested_at=self._http.now)
        try:
            self._fetch_into(result)
        except GitHubError as problem:
            result.problem = problem
            if result.views is None:
                # By now GitHub's clock may be known.
                result.requested_at = self._http.now
        result.github_id = self._github_id
        result.has_moved = self._resource.has_moved
        return result

    def _fetch_into(self, result: FetchResult) -> None:
        result.facts = self._facts()
        self._has_facts = result.facts is not None
        result.requested_at = self._http.now
        try:
            self._fetch_traffic_into(result)
        except RepositoryArchived as problem:
            # Its releases are downloaded all the same.
            result.problem = problem
        result.releases, result.notice = self._releases()

    def _fetch_traffic_into(self, result: FetchResult) -> None:
        clock_was_known = self._http.clock_offset is not None
        views = self._get(_VIEWS)
        if not clock_was_known:
            result.requested_at = self._http.now
        requested_at = result.requested_at

        def window_of(metric: str) -> Callable[[bytes], Window]:
            return lambda body: self._window(body, metric, requested_at)

        def weeks_of(metric: str) -> Callable[[bytes], Mapping[date, Count]]:
            latest = (self._http.now + CLOCK_TOLERANCE).date()
            return lambda body: schemas.parse_weeks(body, metric=metric, latest=latest)

        result.views = self._parsed(_VIEWS, views, window_of("views"))
        result.clones = self._part(_CLONES, window_of("clones"))
        result.weekly_views = self._part(f"{_VIEWS}?per=week", weeks_of("views"))
        result.weekly_clones = self._part(f"{_CLONES}?per=week", weeks_of("clones"))
        result.referrers = self._part("/traffic/popular/referrers", schemas.parse_referrers)
        result.paths = self._part("/traffic/popular/paths", schemas.parse_paths)

    def _window(self, body: bytes, metric: str, requested_at: datetime) -> Window:
        earliest = requested_at.date() - _DAYS_BACK
        latest = (self._http.now + CLOCK_TOLERANCE).date()
        return schemas.parse_window(body, metric=metric, earliest=earliest, latest=latest)

    def _facts(self) -> ConditionalResult[RepositoryDetails] | None:
        """None when GitHub says nothing usable of a repository without a known id, which alone is
        no reason to lose its traffic. Raises GitHubError when it might be another repository, or
        private and must not be."""
        is_lenient = self._ref.may_be_private and self._ref.github_id is None
        try:
            response = self._get("", attempts=2)
        except Unreachable:
            if not is_lenient:
                raise
            return None
        if response.status == 304 and self._ref.etags.get(""):
            return ConditionalResult(None, {"": self._ref.etags[""]})
        if self._ref.github_id is not None:
            response = self._of_known_id(response, self._ref.github_id)
        details = _details_in(response)
        if not self._ref.may_be_private:
            self._require_public(response, details)
        if details is None:
            return None
        self._require_owner(details)
        if self._resource.answering_prefix == self._resource.prefix:  # no temporary redirect
            self._github_id = details.github_id or self._github_id
        return ConditionalResult(details, {"": etag_of(response)})

    def _of_known_id(self, response: Response, known_id: int) -> Response:
        """What GitHub says of the repository with this id, whatever became of its name."""
        details = _details_in(response)
        if details is not None and details.github_id in {None, known_id}:
            return response
        if response.status == 200 and details is None:
            raise exceptions.malformed()
        if response.status not in {200, 404}:
            raise self._rejection(response)
        # It lives on under another name, while this one is free or another's; or it is gone.
        by_name, self._resource.prefix = self._resource.prefix, f"/repositories/{known_id}"
        by_id = self._resource.get(attempts=2)
        found = _details_in(by_id)
        if found is not None and found.github_id in {None, known_id}:
            self._resource.has_moved = True
            return by_id
        self._resource.prefix = by_name
        if by_id.status not in {404, 410}:
            # Not to be had now, which does not say that it is gone.
            raise exceptions.malformed() if by_id.status == 200 else self._rejection(by_id)
        is_seen = details is not None and (self._ref.may_be_private or not details.is_private)
        raise exceptions.replaced(self._name) if is_seen else self._not_found()

    def _require_public(self, response: Response, details: RepositoryDetails | None) -> None:
        # 404: the requests that follow are rejected in the same way, so nothing can leak.
        if response.status == 404 or (details is not None and not details.is_private):
            return
        if details is not None:
            raise self._not_found()
        raise exceptions.malformed() if response.status == 200 else self._rejection(response)

    def _require_owner(self, details: RepositoryDetails | None) -> None:
        """After a rename or a transfer the repository may be somebody's for whom the credential is
        not meant. Raises GitHubError then, and where GitHub does not tell whose it is."""
        owner = details.name.owner.lower() if details and details.name else None
        is_where_it_was = self._resource.answering_prefix == f"/repos/{self._name}"
        if not self._ref.owners or owner in self._ref.owners:
            return
        if owner is not None or not is_where_it_was:
            raise exceptions.has_another_owner(self._name)

    def _releases(
        self,
    ) -> tuple[ConditionalResult[tuple[ReleaseCounters, ...]] | None, str]:
        """A token may read traffic and no releases: those of a private repository need Contents:
        read besides."""
        reader = ReleaseReader(self._get, self._ref.etags)
        try:
            value = reader.read()
        except Malformed as error:
            raise exceptions.malformed() from error
        if reader.rejected is None:
            return ConditionalResult(value, reader.etags), ""
        if reader.rejected.status in {403, 404}:
            return None, (
                "Traffic was fetched, releases and downloads were not: GitHub does not show them to"
                " the token. Those of a private repository need the permission Contents: read."
            )
        raise self._rejection(reader.rejected)

    def _part(self, suffix: str, parse: Callable[[bytes], T]) -> ConditionalResult[T]:
        return self._parsed(suffix, self._get(suffix), parse)

    def _parsed(
        self, suffix: str, response: Response, parse: Callable[[bytes], T]
    ) -> ConditionalResult[T]:
        stored = self._ref.etags.get(suffix, "")
        if response.status == 304 and stored:
            return ConditionalResult(None, {suffix: stored})
        if response.status != 200:
            raise self._rejection(response)
        try:
            return ConditionalResult(parse(response.body), {suffix: etag_of(response)})
        except Malformed as error:
            raise exceptions.malformed() from error

    def _get(
        self,
        suffix: str,
        *,
        attempts: int | None = None,
        max_bytes: int | None = None,
        conditional: bool = True,
    ) -> Response:
        """Raises GitHubError when a redirect leads to another repository, or to one whose owner is
        not known to be served."""
        etag = self._ref.etags.get(suffix, "") if conditional else ""
        response = self._resource.get(suffix, etag=etag, attempts=attempts, max_bytes=max_bytes)
        if not suffix:
            return response
        form = _FORMS.fullmatch(self._resource.answering_prefix)
        github_id = int(form["id"]) if form and form["id"] else None
        if github_id is not None:
            if self._github_id not in {None, github_id}:
                # For good only what GitHub says for good: a history that is closed stays closed.
                if self._resource.has_moved and self._ref.github_id is not None:
                    raise exceptions.replaced(self._name)
                raise exceptions.redirected_elsewhere()
            if self._resource.has_moved:  # for good
                self._github_id = github_id
        if not self._has_facts:
            self._require_owner(None)
        return response

    def _not_found(self) -> GitHubError:
        if self._ref.may_be_private:
            return exceptions.not_found(self._name)
        return exceptions.no_public_repository(self._name)

    def _rejection(self, response: Response) -> GitHubError:
        match response.status:
            case 403:
                message = schemas.message_in(response.body)
                return exceptions.forbidden(self._name, message, response.headers)
            case 404 | 410:
                return self._not_found()
            case 451:
                return exceptions.unavailable_for_legal_reasons(self._name)
            case status:
                return exceptions.unexpected_status(status)


def _details_in(response: Response) -> RepositoryDetails | None:
    if response.status != 200:
        return None
    try:
        return schemas.parse_details(response.body)
    except Malformed:
        return None
