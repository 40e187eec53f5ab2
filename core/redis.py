"""Redis, where there is one (`REDIS_URL`). It makes things faster; nothing depends on it.

It may be gone, slow or empty at any moment. Whoever uses it catches `RedisUnavailable` and asks the
database instead. A Redis that failed is left alone for a while, so that not every request waits.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

if TYPE_CHECKING:
    import redis

_log = logging.getLogger("foyer.redis")
_T = TypeVar("_T")

TIMEOUT_SECONDS = 0.8
RESET_TIMEOUT_SECONDS = 2.0


class RedisUnavailable(Exception):
    """It did not answer in time, or failed a moment ago and is left alone."""


class RedisCircuitBreaker:
    """A client of one Redis that never makes a request wait for long, or fail."""

    def __init__(self, url: str) -> None:
        import redis  # noqa: PLC0415  # one of the packages that only some operators need

        # Goes up with each new connection: behind it may be another server than before.
        self.connection_count = 0
        self._failures = (redis.RedisError, OSError)
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=None,
            redis_connect_func=self._on_connect,
        )
        self._lock = threading.Lock()
        self._asked_again_at = 0.0
        self._is_down = False

    def run(self, command: Callable[["redis.Redis"], _T]) -> _T:
        """What `command` returns. Raises RedisUnavailable; what it did is then unknown."""
        self._check_open()
        try:
            answer = command(self._client)
        except self._failures as error:
            self._record_failure(error)
            raise RedisUnavailable(str(error)) from error
        if self._is_down:
            self._close()
        return answer

    def _check_open(self) -> None:
        if not self._is_down:
            return
        with self._lock:
            if time.monotonic() < self._asked_again_at:
                raise RedisUnavailable
            # One caller tries; the others go on without until it has found out.
            self._asked_again_at = time.monotonic() + RESET_TIMEOUT_SECONDS

    def _record_failure(self, error: Exception) -> None:
        with self._lock:
            if not self._is_down:
                # Its text may hold the address with the password.
                _log.warning("Redis is left alone for now: %s", type(error).__name__)
            self._is_down = True
            self._asked_again_at = time.monotonic() + RESET_TIMEOUT_SECONDS

    def _close(self) -> None:
        with self._lock:
            self._is_down = False
        _log.info("Redis answers again")

    def _on_connect(self, connection: Any) -> None:
        self.connection_count += 1
        connection.on_connect()


def redis_circuit_breaker() -> RedisCircuitBreaker | None:
    """The Redis of the settings, or None where none is configured."""
    return _guarded(settings.REDIS_URL) if settings.REDIS_URL else None


def make_key(kind: str, name: object) -> str:
    """Everything that Foyer keeps in Redis begins with settings.REDIS_KEY_PREFIX."""
    return f"{settings.REDIS_KEY_PREFIX}:{kind}:{name}"


def flush_keys() -> None:
    """Delete all keys of ours. For tests, and for operators who move a database."""
    client = redis_circuit_breaker()
    if client is not None:
        client.run(_delete_ours)


def _delete_ours(client: "redis.Redis") -> None:
    for key in client.scan_iter(f"{settings.REDIS_KEY_PREFIX}:*", count=1000):
        client.delete(key)


@cache
def _guarded(url: str) -> RedisCircuitBreaker:
    return RedisCircuitBreaker(url)
