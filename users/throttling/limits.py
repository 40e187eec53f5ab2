"""Limits on what can be guessed or flooded: log-ins, sign-ups, password resets.

A window begins with the first event and lasts as long as the rate says. An event is counted before
anything is done about it, in one statement, so that of many at one instant exactly as many pass as
the rate allows, in however many processes they arrive. One that turns out harmless is taken back.

The counters are rows of the database, which every process shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import NamedTuple

from django.db import connection, transaction

from core.env import Rate
from core.exceptions import TooManyRequests
from users.throttling.keyed_hash import keyed_hash

# Kinds of events that several services count together.
LOG_IN_BY_NAME = "log-in by name"
LOG_IN_BY_ADDRESS = "log-in by address"
LOG_IN_BY_ACCOUNT = "log-in by account"

ACCOUNT = "for this account"
NETWORK = "from your network address"


class LimitReached(TooManyRequests):
    code = "throttled"


@dataclass(frozen=True)
class RateLimitKey:
    """Events of one kind by one subject; stored under a keyed hash. `limited` is ACCOUNT, whether
    there is such an account or not, or NETWORK."""

    kind: str
    subject: str
    limited: str = ACCOUNT

    @property
    def key(self) -> str:
        return keyed_hash(f"limit {self.kind}", self.subject)


class WindowHit(NamedTuple):
    """One count in one window of one counter."""

    key: str
    ends_at_ms: int


@dataclass(frozen=True)
class Hit:
    """An event that was let through."""

    windows: Sequence[WindowHit] = ()
    soft_limit_is_full: bool = False

    def rollback(self) -> None:
        """The event was harmless: it does not count after all."""
        if self.windows:
            with transaction.atomic(), connection.cursor() as cursor:
                for window in sorted(self.windows):
                    cursor.execute(_ROLLBACK, window)


# The clocks of several machines differ by less than this.
_CLOCK_TOLERANCE_MS = 60_000

# A window is over at its end. So is one that ends later than a window that begins now: it was
# opened under a longer rate, or by a clock that has been set back since.
_IS_OVER = "(present.ends_at_ms <= %(now)s OR present.ends_at_ms > %(latest)s)"
# The row comes back only when there was room: in a new window, or in one not yet full.
_COUNT = f"""
    INSERT INTO users_ratelimit AS present (key, count, ends_at_ms)
    VALUES (%(key)s, 1, %(ends)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN {_IS_OVER} THEN 1 ELSE present.count + 1 END,
        ends_at_ms = CASE WHEN {_IS_OVER} OR present.count = 0
                          THEN excluded.ends_at_ms ELSE present.ends_at_ms END
    WHERE {_IS_OVER} OR present.count < %(limit)s
    RETURNING ends_at_ms
"""  # noqa: S608  # of constants
_WINDOW_END = "SELECT ends_at_ms FROM users_ratelimit WHERE key = %s"
_ROLLBACK = """
    UPDATE users_ratelimit SET count = count - 1
    WHERE key = %s AND ends_at_ms = %s AND count > 0
"""


def hit(
    *limits: RateLimitKey,
    rate: Rate | None,
    now: datetime,
    soft_limit: RateLimitKey | None = None,
) -> Hit:
    """Count an event in every counter, or in none and raise LimitReached.

    A full `soft_limit` rejects nothing: the caller is told.
    """
    if rate is None:
        return Hit()
    now_ms = int(now.timestamp() * 1000)
    windows = []
    soft_limit_is_full = False
    # All or none; in one order, so that two of these never wait for each other.
    with transaction.atomic():
        for limit in sorted([*limits, soft_limit] if soft_limit else limits, key=lambda x: x.key):
            if (window := _count(limit.key, rate, now_ms)) is not None:
                windows.append(window)
            elif limit is soft_limit:
                soft_limit_is_full = True
            else:
                raise _limit_reached(limit, now_ms)
    return Hit(windows, soft_limit_is_full)


def _count(key: str, rate: Rate, now_ms: int) -> WindowHit | None:
    """None when the window is full."""
    values: dict[str, str | int] = {
        "key": key,
        "ends": now_ms + rate.seconds * 1000,
        "now": now_ms,
        "latest": now_ms + rate.seconds * 1000 + _CLOCK_TOLERANCE_MS,
        "limit": rate.events,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        row = cursor.fetchone()
    return WindowHit(key, row[0]) if row else None


def _limit_reached(limit: RateLimitKey, now_ms: int) -> LimitReached:
    seconds = _seconds_left(limit.key, now_ms)
    return LimitReached(
        f"Too many attempts {limit.limited}; try again in {seconds} seconds.",
        retry_after_seconds=seconds,
    )


def _seconds_left(key: str, now_ms: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WINDOW_END, [key])
        row = cursor.fetchone()
    return max(1, ceil((row[0] - now_ms) / 1000)) if row else 1


def network_limit(kind: str, ip_address: str | None) -> RateLimitKey:
    """A limit on everybody at one address, such as a whole office behind one router."""
    return RateLimitKey(kind, ip_subnet(ip_address), limited=NETWORK)


def ip_subnet(address: str | None) -> str:
    """Who an address stands for: itself, or the /64 of an IPv6 address, all of which one customer
    has. Callers without an address share one name."""
    if address is None:
        return "none"
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed)
