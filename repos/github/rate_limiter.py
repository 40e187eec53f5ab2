"""GitHub's rate limits: how long it wants to be left alone, and whether we wait that long."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.dates import parse_http_date
from repos.github import exceptions
from repos.github.schemas import message_in
from repos.github.transport import Response, RetryPolicy

# What GitHub asks of clients that meet a secondary limit without a Retry-After.
UNSPECIFIED_WAIT_SECONDS = 60.0
# A wait beyond this is not repeated to people: the header is not to be believed.
_LONGEST_BELIEVABLE = timedelta(days=2)


class RateLimiter:
    """What GitHub's rate limit leaves to one credential, and how long this run still waits."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], object],
        policy: RetryPolicy,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._shortest_wait = policy.pause_seconds
        self._waiting_left = policy.waiting_seconds
        self._used_up_seconds = 0.0

    def limit_in(self, response: Response) -> float | None:
        """The seconds to wait when `response` rejects a request for asking too much, else None.

        Remembers a success that was the last one allowed, so that the next call is not wasted.
        """
        used_up = response.headers.get("X-RateLimit-Remaining", "").strip() == "0"
        if response.status not in {403, 429}:
            self._used_up_seconds = self._until_reset(response) if used_up else 0.0
            return None
        retry_after = response.headers.get("Retry-After")
        if retry_after is not None:
            return self._seconds_in(retry_after)
        if used_up:
            return self._until_reset(response)
        message = message_in(response.body).lower()
        if response.status == 429 or "secondary rate limit" in message or "abuse" in message:
            return UNSPECIFIED_WAIT_SECONDS
        return None

    def wait_after_fault(self, response: Response) -> float:
        """Wait as long as `response`, a fault, asks for by Retry-After; 0 when it does not. Raises
        GitHubError when that is more than a run has to spare."""
        retry_after = response.headers.get("Retry-After")
        if retry_after is None:
            return 0.0
        seconds = self._seconds_in(retry_after)
        if seconds > self._waiting_left:
            raise exceptions.asked_to_wait(until=self._moment_in(seconds))
        return self.wait(seconds)

    def wait_until_allowed(self) -> float:
        """Wait, when the last success was the last one allowed. Seconds waited."""
        seconds, self._used_up_seconds = self._used_up_seconds, 0.0
        return self.wait(seconds) if seconds else 0.0

    def wait(self, seconds: float, *, last_try: bool = False) -> float:
        """Wait `seconds`, which are returned. Raises RateLimited when that is more than a run has
        to spare, or when no try would follow."""
        seconds = max(seconds, self._shortest_wait)
        if last_try or seconds > self._waiting_left:
            raise exceptions.rate_limited(until=self._moment_in(seconds))
        self._waiting_left -= seconds
        self._sleep(seconds)
        return seconds

    def _until_reset(self, response: Response) -> float:
        reset = response.headers.get("X-RateLimit-Reset", "")
        if not reset.isdecimal() or len(reset) > 12:
            return UNSPECIFIED_WAIT_SECONDS
        return max(0.0, int(reset) - self._clock().timestamp()) + 1

    def _seconds_in(self, retry_after: str) -> float:
        """RFC 9110 §10.2.3: seconds or a date."""
        if retry_after.isdecimal() and len(retry_after) <= 12:
            return float(retry_after)
        moment = parse_http_date(retry_after)
        if moment is None:
            return UNSPECIFIED_WAIT_SECONDS
        return max(0.0, (moment - self._clock()).total_seconds())

    def _moment_in(self, seconds: float) -> str | None:
        if seconds > _LONGEST_BELIEVABLE.total_seconds():
            return None
        moment = self._clock() + timedelta(seconds=math.ceil(seconds))
        return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
