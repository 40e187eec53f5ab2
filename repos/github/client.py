"""The calls that one repository needs, made with one credential, one after the other."""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from urllib.parse import urljoin, urlsplit

from repos.github import exceptions as refusals
from repos.github import schemas as bodies
from repos.github.exceptions import GitHubError, RepositoryFailed, Unreachable
from repos.github.rate_limiter import RateLimiter
from repos.github.schemas import Malformed, Referrer, RepositoryDetails, VisitedPath, Window
from repos.github.transport import (
    Response,
    RetryPolicy,
    TooLarge,
    TooSlow,
    Transport,
    TransportError,
)
from repos.github_urls import RepositoryName

API_VERSION = "2022-11-28"
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": API_VERSION,
    "User-Agent": "Foyer",
    # What we can unpack within bounds; by default requests offers all that is installed.
    "Accept-Encoding": "gzip",
}
# A run that starts before midnight may be answered after it, by a clock that is not ours.
CLOCK_TOLERANCE = timedelta(minutes=10)
MAX_REDIRECTS = 3
_RETRIED = frozenset({500, 502, 503, 504})
_PERMANENT_REDIRECTS = frozenset({301, 308})
_REDIRECTS = _PERMANENT_REDIRECTS | {302, 303, 307}
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')
_PREFIX = r"/(?:repositories/(?P<id>[0-9]{1,18})|repos/[A-Za-z0-9_-]{1,80}/[A-Za-z0-9._-]{1,100})"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RepositoryRef:
    """A repository to ask about. `etags` are those of the bodies that are stored already."""

    name: RepositoryName
    github_id: int | None = None
    etags: Mapping[str, str] = field(default_factory=dict)
    may_be_private: bool = True


@dataclass(frozen=True, slots=True)
class ConditionalResult(Generic[T]):
    """One body; `value` is None when it is the one that was stored under the same ETag."""

    value: T | None
    etag: str


@dataclass(slots=True)
class Fetched:
    """What came of one repository; parts that were not reached are None and `problem` says why."""

    requested_at: datetime
    facts: RepositoryDetails | None = None
    github_id: int | None = None
    # GitHub knows the repository by another name now.
    has_moved: bool = False
    views: ConditionalResult[Window] | None = None
    clones: ConditionalResult[Window] | None = None
    referrers: ConditionalResult[tuple[Referrer, ...]] | None = None
    paths: ConditionalResult[tuple[VisitedPath, ...]] | None = None
    problem: GitHubError | None = None


class GitHub:
    """GitHub as seen with one credential. Serial by design: GitHub asks for it."""

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        clock: Callable[[], datetime],
        patience: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._patience = patience or RetryPolicy()
        self._clock = clock
        self._sleep = sleep
        self._transport = Transport(token=token, headers=_HEADERS, patience=self._patience)
        self._allowance = RateLimiter(clock=clock, sleep=sleep, patience=self._patience)
        self.request_count = 0

    def close(self) -> None:
        self._transport.close()

    def fetch(self, target: RepositoryRef) -> Fetched:
        """Ask everything about `target`. Never raises a GitHubError: it is the `problem`."""
        fetched = Fetched(requested_at=self._clock())
        conversation = _RepositoryConversation(self, target)
        try:
            self._fetch_into(fetched, conversation)
        except GitHubError as problem:
            fetched.problem = problem
        fetched.github_id = conversation.github_id
        fetched.has_moved = conversation.has_moved
        return fetched

    def _fetch_into(self, fetched: Fetched, conversation: "_RepositoryConversation") -> None:
        fetched.facts = conversation.facts()
        # Coverage counts from the moment before the first figure was asked for.
        fetched.requested_at = self._clock()

        def parse_views(body: bytes) -> Window:
            return self._window(body, "views", fetched.requested_at)

        def parse_clones(body: bytes) -> Window:
            return self._window(body, "clones", fetched.requested_at)

        fetched.views = conversation.part("views", parse_views)
        fetched.clones = conversation.part("clones", parse_clones)
        fetched.referrers = conversation.part("popular/referrers", bodies.parse_referrers)
        fetched.paths = conversation.part("popular/paths", bodies.parse_paths)

    def _window(self, body: bytes, metric: str, requested_at: datetime) -> Window:
        earliest = (requested_at - CLOCK_TOLERANCE).date() - timedelta(days=14)
        latest = (self._clock() + CLOCK_TOLERANCE).date()
        return bodies.parse_window(body, metric=metric, earliest=earliest, latest=latest)

    def get(self, url: str, *, etag: str, budget: "_Budget", attempts: int) -> Response:
        """The first answer that is worth reading. Raises GitHubError."""
        slow_left = min(attempts, self._patience.slow_attempts)
        for attempt in range(1, attempts + 1):
            budget.extend(self._allowance.wait_until_allowed())
            try:
                answer = self._send(url, etag, budget)
            except TooSlow as error:
                slow_left -= 1
                if not slow_left or budget.seconds_left <= 0:
                    raise Unreachable(_TOO_SLOW) from error
            except TransportError as error:
                if attempt == attempts:
                    raise Unreachable(_BROKEN) from error
            else:
                limit = self._allowance.limit_in(answer)
                if limit is not None:
                    budget.extend(self._allowance.wait(limit, last_try=attempt == attempts))
                    continue
                if answer.status not in _RETRIED or attempt == attempts:
                    return answer
            # Jitter, so that many clients that failed together do not come back together.
            self._sleep(self._patience.pause_seconds * 2 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311  # no secret
        raise Unreachable(_BROKEN)

    def _send(self, url: str, etag: str, budget: "_Budget") -> Response:
        if budget.seconds_left <= 0:
            raise Unreachable(_TOO_SLOW)
        self.request_count += 1
        headers = {"If-None-Match": etag} if etag else {}
        try:
            return self._transport.get(url, headers=headers, seconds=budget.seconds_left)
        except TooLarge as error:
            raise Unreachable(_TOO_LARGE) from error

    def new_budget(self) -> "_Budget":
        return _Budget(self._patience.repository_seconds)

    @property
    def attempts(self) -> int:
        return self._patience.attempts

    @property
    def base_url(self) -> str:
        return self._base_url


_TOO_SLOW = "GitHub did not answer in time. Nothing to do: the next run tries again."
_BROKEN = "GitHub could not be reached or broke off. Nothing to do: the next run tries again."
_TOO_LARGE = (
    "GitHub's answer is larger than any answer about traffic and was thrown away."
    " Nothing to do: the next run tries again; if it stays, check GITHUB_API_URL."
)
_MALFORMED = (
    "GitHub's answer is not what its documentation says and was thrown away whole."
    " Nothing to do: the next run tries again; if it stays, check GITHUB_API_URL."
)


class _Budget:
    """The time that one repository may take, waiting for rate limits left out."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return self._until - time.monotonic()

    def extend(self, seconds: float) -> None:
        self._until += seconds


class _RepositoryConversation:
    """The calls about one repository: they share its place on the server and its time."""

    def __init__(self, github: GitHub, target: RepositoryRef) -> None:
        self._github = github
        self._target = target
        self._budget = github.new_budget()
        self._prefix = f"/repos/{target.name.full_name}"
        self.github_id = target.github_id
        self.has_moved = False

    def facts(self) -> RepositoryDetails | None:
        """What GitHub says of the repository; None when it says nothing usable, which alone is no
        reason to lose traffic. Raises GitHubError when it might be private and must not be."""
        try:
            answer = self._located()
        except Unreachable:
            if not self._target.may_be_private:
                raise
            return None
        facts = _facts_in(answer)
        if not self._target.may_be_private:
            self._require_public(answer, facts)
        if facts is not None and facts.github_id is not None:
            self.github_id = facts.github_id
        return facts

    def _located(self) -> Response:
        """What GitHub says of this very repository, whatever became of its name."""
        answer = self._get("", attempts=2)
        known_id = self._target.github_id
        if known_id is None:
            return answer
        facts = _facts_in(answer)
        is_another = facts is not None and facts.github_id not in (None, known_id)
        if answer.status == 404 or is_another:
            # It lives on under another name, while this one is free or somebody else's; or it was
            # deleted and made anew.
            by_id = self._by_id(known_id)
            return by_id if by_id.status == 200 else answer
        return answer

    def _require_public(self, answer: Response, facts: RepositoryDetails | None) -> None:
        # 404: the calls that follow are refused in the same way, so nothing can leak.
        if answer.status == 404 or (facts is not None and not facts.is_private):
            return
        if facts is not None:
            raise RepositoryFailed(
                f"{self._target.name.full_name} is private, and the server's own token is not"
                f" meant for it. Store a token of your own with {refusals.STORING_CALL}."
            )
        raise Unreachable(_MALFORMED) if answer.status == 200 else self._refusal(answer)

    def part(self, endpoint: str, parse: Callable[[bytes], T]) -> ConditionalResult[T]:
        key = endpoint.rpartition("/")[2]
        stored = self._target.etags.get(key, "")
        answer = self._get(f"/traffic/{endpoint}", etag=stored)
        if answer.status == 304 and stored:
            return ConditionalResult(None, stored)
        if answer.status != 200:
            raise self._refusal(answer)
        try:
            value = parse(answer.body)
        except Malformed as error:
            raise Unreachable(_MALFORMED) from error
        etag = answer.headers.get("ETag", "")
        return ConditionalResult(value, etag if _ETAG.fullmatch(etag) else "")

    def _by_id(self, github_id: int) -> Response:
        """Moves the conversation to the repository with this id, when it is there."""
        by_name, self._prefix = self._prefix, f"/repositories/{github_id}"
        answer = self._get("", attempts=2)
        if answer.status == 200:
            self.has_moved = True
        else:
            self._prefix = by_name
        return answer

    def _get(self, suffix: str, *, etag: str = "", attempts: int | None = None) -> Response:
        url = f"{self._github.base_url}{self._prefix}{suffix}"
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._github.get(
                url, etag=etag, budget=self._budget, attempts=attempts or self._github.attempts
            )
            if answer.status == 401:
                raise refusals.credential_refused()
            if answer.status not in _REDIRECTS:
                return answer
            url = self._followed(url, answer, suffix)
        raise RepositoryFailed("GitHub redirects in circles. Check GITHUB_API_URL.")

    def _followed(self, url: str, answer: Response, suffix: str) -> str:
        """Where a redirect leads: the same call, on the same server, and nowhere else."""
        base = urlsplit(self._github.base_url)
        there = urlsplit(urljoin(url, answer.headers.get("Location", "")))
        pattern = re.escape(base.path) + _PREFIX + re.escape(suffix)
        match = re.fullmatch(pattern, there.path)
        same_server = (there.scheme, there.netloc) == (base.scheme, base.netloc)
        if match is None or not same_server:
            raise RepositoryFailed(
                "GitHub redirects to another place, where the token must not go. Check that the"
                " repository still exists under this name, and GITHUB_API_URL."
            )
        if answer.status in _PERMANENT_REDIRECTS:
            self._prefix = there.path[len(base.path) : len(there.path) - len(suffix)]
            self.github_id = int(match["id"]) if match["id"] else self.github_id
            self.has_moved = True
        return f"{base.scheme}://{base.netloc}{there.path}"

    def _refusal(self, answer: Response) -> GitHubError:
        full_name = self._target.name.full_name
        match answer.status:
            case 403:
                message = bodies.message_of(answer.body)
                return refusals.forbidden(full_name, message, answer.headers)
            case 404 | 410:
                return refusals.not_found(full_name)
            case 451:
                return refusals.unavailable_for_legal_reasons(full_name)
            case status if status >= 500:
                return Unreachable(
                    f"GitHub has a fault of its own ({status}). Nothing to do: the next run tries"
                    " again."
                )
            case status:
                return RepositoryFailed(
                    f"GitHub answered with the status {status}, which it does not document for"
                    " traffic. Check GITHUB_API_URL, and whether Foyer is up to date."
                )


def _facts_in(answer: Response) -> RepositoryDetails | None:
    if answer.status != 200:
        return None
    try:
        return bodies.parse_facts(answer.body)
    except Malformed:
        return None
