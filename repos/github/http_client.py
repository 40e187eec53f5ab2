"""GET requests to GitHub with one credential: retries, rate limits, time and the clock."""

import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from core.dates import parse_http_date
from repos.github import exceptions
from repos.github.rate_limiter import RateLimiter
from repos.github.transport import (
    Response,
    RetryPolicy,
    TooLarge,
    TooSlow,
    Transport,
    TransportError,
)

API_VERSION = "2022-11-28"
_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": API_VERSION,
    "User-Agent": "Foyer",
    # What can be unpacked within bounds; by default requests offers all that is installed.
    "Accept-Encoding": "gzip",
}
# 202: GitHub begins to compute and wants to be asked again (documented for statistics).
_RETRIED = frozenset({202, 500, 502, 503, 504})
# The Date header has whole seconds and some travel time: closer than this, the clocks agree.
_DATE_RESOLUTION = timedelta(seconds=2)
# GitHub was founded in 2008. The machine's own clock may be anywhere: at 1970 without a battery.
_BELIEVABLE_YEARS = range(2008, 3000)
# For some fine-grained tokens GitHub sends the present time as their expiry (go-github #3708).
_BOGUS_EXPIRY = timedelta(minutes=10)
_EXPIRY_FORMATS = ("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S %z")
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')


class TimeBudget:
    """The time that one job may take, waiting for rate limits left out."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return self._until - time.monotonic()

    def extend(self, seconds: float) -> None:
        self._until += seconds


class HttpClient:
    """Serial by design: GitHub asks for it. Paths are relative to GITHUB_API_URL."""

    def __init__(
        self,
        *,
        token: str,
        base_url: str,
        clock: Callable[[], datetime],
        policy: RetryPolicy | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._policy = policy or RetryPolicy()
        self._clock = clock
        self._sleep = sleep
        self._transport = Transport(token=token, headers=_HEADERS, policy=self._policy)
        self._rate_limiter = RateLimiter(clock=lambda: self.now, sleep=sleep, policy=self._policy)
        self.request_count = 0
        # How far GitHub's clock is ahead of this machine's; None before the first response.
        self.clock_offset: timedelta | None = None
        self.credential_expires_at: datetime | None = None

    def close(self) -> None:
        self._transport.close()

    @property
    def now(self) -> datetime:
        """By GitHub's clock, once it is known: the days of traffic are GitHub's."""
        return self._clock() + (self.clock_offset or timedelta(0))

    def new_budget(self) -> TimeBudget:
        return TimeBudget(self._policy.job_seconds)

    def get(
        self,
        path: str,
        *,
        budget: TimeBudget,
        etag: str = "",
        attempts: int | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """The first response that is worth reading, redirects included. Raises GitHubError."""
        attempts = attempts or self._policy.attempts
        slow_left = min(attempts, self._policy.slow_attempts)
        for attempt in range(1, attempts + 1):
            budget.extend(self._rate_limiter.wait_until_allowed())
            try:
                response = self._send(path, etag, budget, max_bytes)
            except TooSlow as error:
                slow_left -= 1
                if not slow_left or budget.seconds_left <= 0:
                    raise exceptions.too_slow() from error
            except TransportError as error:
                if attempt == attempts:
                    raise exceptions.broken_off() from error
            else:
                limit = self._rate_limiter.limit_in(response)
                if limit is not None:
                    budget.extend(self._rate_limiter.wait(limit, last_try=attempt == attempts))
                    continue
                if response.status not in _RETRIED or attempt == attempts:
                    return response
                if waited := self._rate_limiter.wait_after_fault(response):
                    budget.extend(waited)
                    continue
            # Jitter, so that many clients that failed together do not come back together.
            self._sleep(self._policy.pause_seconds * 2 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311  # no secret
        raise exceptions.broken_off()

    def redirect_path(self, path: str, response: Response) -> str | None:
        """Where a redirect from `path` leads, its query left out; None when that is not below
        GITHUB_API_URL, where alone the token may go."""
        base = urlsplit(self._base_url)
        try:
            target = urlsplit(urljoin(self._base_url + path, response.headers.get("Location", "")))
        except ValueError:
            return None
        same_server = (target.scheme, target.netloc) == (base.scheme, base.netloc)
        if not same_server or not target.path.startswith(f"{base.path}/"):
            return None
        return target.path.removeprefix(base.path)

    def _send(self, path: str, etag: str, budget: TimeBudget, max_bytes: int | None) -> Response:
        if budget.seconds_left <= 0:
            raise exceptions.too_slow()
        self.request_count += 1
        try:
            response = self._transport.get(
                self._base_url + path,
                headers={"If-None-Match": etag} if etag else {},
                seconds=budget.seconds_left,
                max_bytes=max_bytes or self._policy.body_bytes,
            )
        except TooLarge as error:
            raise exceptions.too_large() from error
        self._learn_from(response)
        if response.status == 401:
            raise exceptions.credential_refused()
        return response

    def _learn_from(self, response: Response) -> None:
        date = parse_http_date(response.headers.get("Date", ""))
        if date and date.year in _BELIEVABLE_YEARS:
            offset = date - self._clock()
            self.clock_offset = offset if abs(offset) >= _DATE_RESOLUTION else timedelta(0)
        expiry = _expiry_in(response.headers.get("GitHub-Authentication-Token-Expiration", ""))
        if expiry and expiry - self.now > _BOGUS_EXPIRY:
            self.credential_expires_at = expiry


def etag_of(response: Response) -> str:
    """Empty when there is none, or none that may be sent back."""
    etag = response.headers.get("ETag", "")
    return etag if _ETAG.fullmatch(etag) else ""


def _expiry_in(text: str) -> datetime | None:
    for form in _EXPIRY_FORMATS:
        try:
            moment = datetime.strptime(text.strip(), form)  # noqa: DTZ007  # the first form is UTC
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
