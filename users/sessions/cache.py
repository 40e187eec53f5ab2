"""Sessions read through Redis, where there is one. The database stays the truth.

What is kept: a session and its user under a key each, as JSON, without password and refresh ids. A
request whose session and user are both there needs no query.

How a dead session is kept from coming back:

- Whoever changes a row blocks its key first, in the same transaction, and frees it after the
  commit. While it is blocked, everybody reads the database.
- Whoever fills a key marks it before reading the database and stores only if the mark is still
  there, so what was read before a change is never stored after it.
- Every entry carries a tag: the run of the Redis server, so that one that comes back with an old
  snapshot is not believed, and a number in the database. Who cannot reach Redis to block a key
  raises that number and waits until no process can still hold the old one.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.db.models.fields.files import FieldFile
from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver

from core.redis import RedisCircuitBreaker, RedisUnavailable, make_key, redis_circuit_breaker
from users.models import Session, SessionEpoch, User
from users.models.user import users_change

if TYPE_CHECKING:
    from redis import Redis

# For this long a process believes the tag it has read. Ending a session takes as long when Redis
# does not answer.
TAG_SECONDS = 0.5
# Longer than any transaction.
_BLOCK_MS = 60_000
_MARK_MS = 10_000
# A user changes in more ways than a session; bounds what a write past the ORM can spoil.
_USER_LIFETIME = timedelta(minutes=10)
_BLOCKED = b"-"
# More than so many at once are disowned by their tag.
_MOST_BLOCKED_ONE_BY_ONE = 1000

_LEFT_OUT = frozenset({"password", "search_text", "refresh_id", "previous_refresh_id"})

# Marks each key that holds nothing or an entry, unless somebody else fills it or it is blocked.
_MARK = """
    local marked = {}
    for i, key in ipairs(KEYS) do
        local held = redis.call('GET', key)
        marked[i] = 0
        if not held or string.sub(held, 1, 1) == '{' then
            redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
            marked[i] = 1
        end
    end
    return marked
"""
# Stores each value whose key still holds the mark.
_STORE = """
    for i, key in ipairs(KEYS) do
        if redis.call('GET', key) == ARGV[1] then
            redis.call('SET', key, ARGV[2 * i], 'PXAT', ARGV[2 * i + 1])
        end
    end
"""


@dataclass(frozen=True)
class _Tag:
    text: str
    read_at: float
    connection_count: int


class SessionCache:
    tag_seconds = TAG_SECONDS

    def __init__(self, redis: RedisCircuitBreaker) -> None:
        self._redis = redis
        self._tag: _Tag | None = None

    def find(
        self,
        *,
        session_id: UUID,
        user_id: int,
        now: datetime,
        look_up: Callable[[], Session | None],
    ) -> Session | None:
        """The live session: from Redis, or what `look_up` finds in the database."""
        keys = [_session_key(session_id), _user_key(user_id)]
        try:
            held: Any = self._redis.run(lambda redis: redis.mget(keys))
            # After the values were read: whoever raised the number waits for this.
            tag = self._current_tag()
            session = _session_of(held, tag)
            if session is not None and session.expires_at > now:
                return session if session.user_id == user_id else None
            return self._fill(keys, tag, now, look_up)
        except RedisUnavailable:
            return look_up()

    def _fill(
        self, keys: list[str], tag: str, now: datetime, look_up: Callable[[], Session | None]
    ) -> Session | None:
        mark = f"?{uuid4().hex}"
        marked = self._redis.run(lambda redis: redis.eval(_MARK, 2, *keys, mark, _MARK_MS))
        session = look_up()
        if session is not None and any(marked):
            user_until = min(now + _USER_LIFETIME, session.expires_at)
            values: list[bytes | str | int] = [
                *(mark, _entry(session, tag), _milliseconds(session.expires_at)),
                *(_entry(session.user, tag), _milliseconds(user_until)),
            ]
            with suppress(RedisUnavailable):  # The mark expires by itself.
                self._redis.run(lambda redis: redis.eval(_STORE, 2, *keys, *values))
        return session

    def warm_up(self) -> None:
        """Do now what the next look-up would do first."""
        with suppress(RedisUnavailable):
            self._current_tag()

    def _current_tag(self) -> str:
        tag, now = self._tag, time.monotonic()
        if (
            tag is None
            or now - tag.read_at > self.tag_seconds
            or tag.connection_count != self._redis.connection_count
        ):
            connection_count = self._redis.connection_count
            run = self._redis.run(lambda redis: redis.info("server"))["run_id"]
            number = SessionEpoch.objects.values_list("number", flat=True).first() or 0
            tag = self._tag = _Tag(f"{run} {number}", now, connection_count)
        return tag.text

    def renew(self, session: Session) -> None:
        """A harmless change: the next request reads it from the database."""
        self._free([_session_key(session.pk)])

    def block(self, keys: list[str]) -> None:
        """Within the transaction that changes what `keys` hold: nobody uses or fills them until it
        is through."""
        if len(keys) > _MOST_BLOCKED_ONE_BY_ONE:
            _disown_everything()
            return
        try:
            self._redis.run(lambda redis: _set_all(redis, keys))
        except RedisUnavailable:
            _disown_everything()
        else:
            transaction.on_commit(lambda: self._free(keys))

    def _free(self, keys: list[str]) -> None:
        with suppress(RedisUnavailable):  # They free themselves.
            self._redis.run(lambda redis: redis.delete(*keys))


def session_cache() -> SessionCache | None:
    redis = redis_circuit_breaker()
    return _cache_in(redis) if redis else None


@cache
def _cache_in(redis: RedisCircuitBreaker) -> SessionCache:
    return SessionCache(redis)


@receiver((pre_save, pre_delete), sender=User)
def _on_user(instance: User, **_: Any) -> None:
    _block(lambda: [] if instance._state.adding else [_user_key(instance.pk)])


@receiver(users_change, sender=User)
def _on_users(users: "models.QuerySet[User]", **_: Any) -> None:
    some = users.order_by().values_list("pk", flat=True)[: _MOST_BLOCKED_ONE_BY_ONE + 1]
    _block(lambda: [_user_key(user_id) for user_id in some])


@receiver(pre_delete, sender=Session)
def _on_session(instance: Session, **_: Any) -> None:
    _block(lambda: [_session_key(instance.pk)])


def _block(keys_of: Callable[[], list[str]]) -> None:
    """Each of the signals comes within the transaction of the change, before the change."""
    store = session_cache()
    if store is not None and (keys := keys_of()):
        store.block(keys)


def _disown_everything() -> None:
    """Nothing that Redis holds is believed once the present transaction is through."""
    if not SessionEpoch.objects.filter(pk=1).update(number=F("number") + 1):
        SessionEpoch.objects.bulk_create([SessionEpoch(pk=1, number=1)], ignore_conflicts=True)
        SessionEpoch.objects.filter(pk=1).update(number=F("number") + 1)
    # Until the last process has read the new number.
    transaction.on_commit(lambda: time.sleep(TAG_SECONDS + 0.05))


def _set_all(redis: "Redis", keys: list[str]) -> None:
    pipeline = redis.pipeline(transaction=False)
    for key in keys:
        pipeline.set(key, _BLOCKED, px=_BLOCK_MS)
    pipeline.execute()


def _session_key(session_id: UUID) -> str:
    return make_key("session", session_id.hex)


def _user_key(user_id: int) -> str:
    return make_key("user", user_id)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _entry(instance: models.Model, tag: str) -> bytes:
    values = {
        field.attname: field.value_from_object(instance)
        for field in instance._meta.concrete_fields
        if field.attname not in _LEFT_OUT
    }
    return orjson.dumps({"tag": tag, "values": values}, default=_file_name)


def _file_name(file: FieldFile) -> str | None:
    return file.name


def _session_of(held: list[bytes | None], tag: str) -> Session | None:
    """The session with its user; None unless both entries are there and to be believed."""
    session, user = (
        _instance(model, raw, tag) for model, raw in zip((Session, User), held, strict=True)
    )
    if not isinstance(session, Session) or not isinstance(user, User) or not user.is_active:
        return None
    session.user = user
    return session


def _instance(model: type[models.Model], raw: bytes | None, tag: str) -> models.Model | None:
    if raw is None or not raw.startswith(b"{"):
        return None
    try:
        entry = orjson.loads(raw)
        if entry["tag"] != tag:
            return None
        fields = [field for field in model._meta.concrete_fields if field.attname not in _LEFT_OUT]
        values = [field.to_python(entry["values"][field.attname]) for field in fields]
    except (ValueError, KeyError, TypeError, ValidationError):
        return None  # Not written by this release.
    return model.from_db("default", [field.attname for field in fields], values)
