"""Limits on what can be guessed or flooded: log-ins, sign-ups, password resets.

A window begins with the first event and lasts as long as the rate says. An event is counted before
anything is done about it, in one statement, so that of many at one instant exactly as many pass as
the rate allows, in however many processes they arrive. One that turns out harmless is taken back.

The counters are kept in Redis, where there is one, and otherwise, or while it fails, in the
database.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from core.env import Rate
from core.exceptions import TooManyRequests
from core.redis import RedisUnavailable, redis_circuit_breaker
from users.throttling import stores as limit_stores
from users.throttling.keyed_hash import fingerprint
from users.throttling.stores import Store, WindowHit


class LimitReached(TooManyRequests):
    code = "throttled"


@dataclass(frozen=True)
class RateLimitKey:
    """Events of one kind by one subject; kept under a keyed hash."""

    kind: str
    subject: str

    @property
    def key(self) -> str:
        return fingerprint(f"limit {self.kind}", self.subject)


@dataclass(frozen=True)
class Hit:
    """An event that was let through."""

    places: Sequence[WindowHit] = ()
    store: Store | None = None
    guard_is_full: bool = False

    def rollback(self) -> None:
        """The event was harmless: it does not count after all."""
        if self.store is None:
            return
        # Otherwise it counts until the end of the window, which is soon.
        with suppress(RedisUnavailable):
            self.store.rollback(self.places)


def hit(
    *counters: RateLimitKey,
    rate: Rate | None,
    now: datetime,
    soft_limit: RateLimitKey | None = None,
) -> Hit:
    """Count an event in every counter, or in none and raise LimitReached.

    A full `soft_limit` refuses nothing: the caller is told.
    """
    if rate is None:
        return Hit()
    now_ms = int(now.timestamp() * 1000)
    keys = [counter.key for counter in counters]
    guard_key = soft_limit.key if soft_limit else None
    redis = redis_circuit_breaker()
    store: Store = limit_stores.RedisStore(redis) if redis else limit_stores.DatabaseStore()
    try:
        outcome = store.count(keys, guard_key, rate, now_ms)
    except RedisUnavailable:
        store = limit_stores.DatabaseStore()
        outcome = store.count(keys, guard_key, rate, now_ms)
    if outcome.full_until_ms:
        raise LimitReached(
            retry_after_seconds=max(1, ceil((outcome.full_until_ms - now_ms) / 1000))
        )
    return Hit(outcome.places, store, outcome.guard_is_full)


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
