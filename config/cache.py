"""Django's cache in Redis: while that is gone, everything is a miss."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from config.redis import RedisUnavailable, forget_everything, guarded_redis

_ANSWER_OF_A_MISS: dict[str, Any] = {
    "add": False,
    "touch": False,
    "delete": False,
    "has_key": False,
}


class GuardedRedisCache(RedisCache):
    _class: Any
    _servers: Any
    _options: Any

    @cached_property
    def _cache(self) -> Any:
        return _GuardedClient(self._class(self._servers, **self._options))


class _GuardedClient:
    def __init__(self, client: RedisCacheClient) -> None:
        self._client = client

    def get(self, key: str, default: Any) -> Any:
        return self._run(lambda: self._client.get(key, default), default)

    def get_many(self, keys: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._run(lambda: self._client.get_many(keys), {})
        return found

    def incr(self, key: str, delta: int) -> Any:
        counted = self._run(lambda: self._client.incr(key, delta), None)
        if counted is None:
            raise ValueError(f"Key {key!r} not found.")
        return counted

    def clear(self) -> bool:
        """Ours alone: the database may hold other people's keys."""
        return bool(self._run(forget_everything, False))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        return lambda *arguments: self._run(lambda: method(*arguments), _ANSWER_OF_A_MISS.get(name))

    def _run(self, command: Callable[[], Any], answer_of_a_miss: Any) -> Any:
        redis = guarded_redis()
        try:
            return redis.run(lambda _: command()) if redis else answer_of_a_miss
        except RedisUnavailable:
            return answer_of_a_miss
