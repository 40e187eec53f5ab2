"""Where the counters of users.throttling.limits are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.db import connection, transaction

from core.env import Rate
from core.redis import RedisCircuitBreaker, make_key


class WindowHit(NamedTuple):
    """One count in one window of one counter."""

    key: str
    ends_at_ms: int


@dataclass
class HitResult:
    """`full_until_ms` is 0 when the event was counted."""

    full_until_ms: int = 0
    places: list[WindowHit] = field(default_factory=list)
    guard_is_full: bool = False


class Store(Protocol):
    def count(
        self, keys: Sequence[str], soft_limit: str | None, rate: Rate, now_ms: int
    ) -> HitResult: ...

    def rollback(self, places: Sequence[WindowHit]) -> None: ...


class _LimitExceeded(Exception):
    def __init__(self, until_ms: int) -> None:
        self.until_ms = until_ms


# The row comes back only when there was room: in a new window, or in one not yet full.
_COUNT = """
    INSERT INTO users_ratelimit AS present (key, count, ends_at_ms)
    VALUES (%(key)s, 1, %(ends)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN present.ends_at_ms <= %(now)s THEN 1 ELSE present.count + 1 END,
        ends_at_ms = CASE WHEN present.ends_at_ms <= %(now)s OR present.count = 0
                          THEN excluded.ends_at_ms ELSE present.ends_at_ms END
    WHERE present.ends_at_ms <= %(now)s OR present.count < %(limit)s
    RETURNING ends_at_ms
"""
_END = "SELECT ends_at_ms FROM users_ratelimit WHERE key = %s"
_TAKE_BACK = """
    UPDATE users_ratelimit SET count = count - 1
    WHERE key = %s AND ends_at_ms = %s AND count > 0
"""


class DatabaseStore:
    def count(
        self, keys: Sequence[str], soft_limit: str | None, rate: Rate, now_ms: int
    ) -> HitResult:
        outcome = HitResult()
        try:
            # All or none; in one order, so that two of these never wait for each other.
            with transaction.atomic():
                for key in sorted([*keys, soft_limit] if soft_limit else keys):
                    self._count_one(outcome, key, key == soft_limit, rate, now_ms)
        except _LimitExceeded as full:
            return HitResult(full_until_ms=full.until_ms)
        return outcome

    def _count_one(
        self, outcome: HitResult, key: str, is_guard: bool, rate: Rate, now_ms: int
    ) -> None:
        ends_at_ms = now_ms + rate.seconds * 1000
        values: dict[str, str | int] = {
            "key": key,
            "ends": ends_at_ms,
            "now": now_ms,
            "limit": rate.events,
        }
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, values)
            row = cursor.fetchone()
            if row is not None:
                outcome.places.append(WindowHit(key, row[0]))
            elif is_guard:
                outcome.guard_is_full = True
            else:
                cursor.execute(_END, [key])
                row = cursor.fetchone()
                raise _LimitExceeded(row[0] if row else ends_at_ms)

    def rollback(self, places: Sequence[WindowHit]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for place in sorted(places):
                cursor.execute(_TAKE_BACK, place)


# KEYS: the counters, the guard last. ARGV: limit; now, end of a new window and its length, all in
# milliseconds; number of counters that refuse. Answers when the window of a full one ends, or 0 and
# then the end of the window of each key, 0 where it was not counted.
_COUNT_IN_REDIS = """
    local count, ends = {}, {}
    for i, key in ipairs(KEYS) do
        ends[i] = redis.call('HGET', key, 'ends')
        if ends[i] and tonumber(ends[i]) > tonumber(ARGV[2]) then
            count[i] = tonumber(redis.call('HGET', key, 'n'))
        else
            count[i] = 0
        end
        if count[i] >= tonumber(ARGV[1]) and i <= tonumber(ARGV[5]) then
            return {ends[i]}
        end
    end
    local answer = {'0'}
    for i, key in ipairs(KEYS) do
        if count[i] >= tonumber(ARGV[1]) then
            answer[i + 1] = '0'
        elseif count[i] == 0 then
            redis.call('HSET', key, 'n', 1, 'ends', ARGV[3])
            redis.call('PEXPIRE', key, ARGV[4])
            answer[i + 1] = ARGV[3]
        else
            redis.call('HINCRBY', key, 'n', 1)
            answer[i + 1] = ends[i]
        end
    end
    return answer
"""
_TAKE_BACK_IN_REDIS = """
    for i, key in ipairs(KEYS) do
        if redis.call('HGET', key, 'ends') == ARGV[i] then
            redis.call('HINCRBY', key, 'n', -1)
        end
    end
"""


class RedisStore:
    def __init__(self, redis: RedisCircuitBreaker) -> None:
        self._redis = redis

    def count(
        self, keys: Sequence[str], soft_limit: str | None, rate: Rate, now_ms: int
    ) -> HitResult:
        names = [*keys, soft_limit] if soft_limit else list(keys)
        window_ms = rate.seconds * 1000
        arguments = [rate.events, now_ms, now_ms + window_ms, window_ms, len(keys)]
        full_until_ms, *ends = self._run(_COUNT_IN_REDIS, names, arguments)
        if not ends:
            return HitResult(full_until_ms=int(full_until_ms))
        return HitResult(
            places=[
                WindowHit(key, int(end)) for key, end in zip(names, ends, strict=True) if int(end)
            ],
            guard_is_full=soft_limit is not None and int(ends[-1]) == 0,
        )

    def rollback(self, places: Sequence[WindowHit]) -> None:
        self._run(
            _TAKE_BACK_IN_REDIS,
            [place.key for place in places],
            [place.ends_at_ms for place in places],
        )

    def _run(self, script: str, keys: Sequence[str], arguments: Sequence[int]) -> Any:
        names = [make_key("limit", key) for key in keys]
        return self._redis.run(lambda redis: redis.eval(script, len(names), *names, *arguments))
