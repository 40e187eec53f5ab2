"""Caches encoded responses in the memory of each process while the database stays as it is.

A view opts in per action with `cache_response`. Nothing is invalidated by hand and nothing has a
time to live: a response is stored with the version of the database from before it was made, and
sent again only while that is the version (docs/decisions, the response cache).
"""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Self, TypeVar

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils import timezone

from api.preconditions import conditional_response, entity_tag
from core.db.version import DatabaseVersion, database_version

# In the WSGI environment, by a server that notes it: when the request came in.
ASKED_AT = "foyer.asked_at"
# Per process.
MAX_CACHE_BYTES = 8 * 1024 * 1024
MAX_RESPONSE_BYTES = 64 * 1024
# Of an entry besides its content and the text of its key: headers, route, freshness.
_ENTRY_BYTES = 3 * 1024

# What a response may depend on besides the URL; a user's own also on `Authorization`.
_KEY_HEADERS = (
    *("HTTP_HOST", "SERVER_NAME", "SERVER_PORT"),
    *("HTTP_ACCEPT", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"),
)

GetResponse = Callable[[HttpRequest], HttpResponseBase]
CacheKey = tuple[Hashable, ...]
_Method = TypeVar("_Method", bound=Callable[..., Any])


class CachePolicy(NamedTuple):
    """See `cache_response`."""

    expires: Callable[[datetime], datetime] | None
    fingerprint: Callable[..., object] | None


def cache_response(
    *,
    expires: Callable[[datetime], datetime] | None = None,
    fingerprint: Callable[..., object] | None = None,
) -> Callable[[_Method], _Method]:
    """Cache what a view's method returns with status 200.

    Only for methods whose response depends on nothing but the database, the URL and, where the
    method is not open to everyone, the user. If it depends on the clock too, `expires` must say
    until when a response made at the given moment (aware, UTC) is right.

    `fingerprint` takes the arguments of the URL and returns, by `rows_as_committed` of a query that
    takes microseconds, a value that the response is a function of: while it stays equal, commits
    that change something else leave the response cached. For open methods only.
    """

    def set_policy(method: _Method) -> _Method:
        method.cache_policy = CachePolicy(expires, fingerprint)  # type: ignore[attr-defined]
        return method

    return set_policy


@dataclass
class Freshness:
    """Until when a response may be sent again. Begun before the response is made, and before its
    user is authenticated: what is committed from then on can make the response newer than its
    version, never older."""

    version: DatabaseVersion | None
    expires_at: datetime | None
    fingerprint: Callable[[], object] | None
    fingerprint_value: object = None
    is_public: bool = True
    begun_at: float = field(default_factory=time.monotonic)

    @classmethod
    def begin(
        cls,
        policy: CachePolicy,
        arguments: Mapping[str, Any],
        known_version: DatabaseVersion | None,
    ) -> Self:
        """`known_version`: of the database, where it was asked for during this request."""
        expires_at = policy.expires(timezone.now()) if policy.expires else None
        fingerprint = partial(policy.fingerprint, **arguments) if policy.fingerprint else None
        version = database_version() if known_version is None else known_version
        freshness = cls(version, expires_at, fingerprint)
        if fingerprint is not None and freshness.version is not None:
            freshness.fingerprint_value = fingerprint()
        return freshness

    def restrict_to_user(self, authentication: object) -> None:
        """`authentication.valid_until` is the moment from which it depends on more than the
        database; without one the response is not stored."""
        self.is_public = False
        valid_until: datetime | None = getattr(authentication, "valid_until", None)
        if valid_until is None:
            self.version = None
        else:
            self.expires_at = min(valid_until, self.expires_at or valid_until)

    def includes(self, asked_at: float | None) -> bool:
        """For a request that came in at this moment (by `time.monotonic`), before the response was
        begun: whatever was committed until then is in it."""
        return asked_at is not None and asked_at < self.begun_at

    def holds(self, version: DatabaseVersion | None) -> bool:
        """While this is the version of the database; None, where that cannot be told."""
        if version is None or (self.expires_at is not None and timezone.now() >= self.expires_at):
            return False
        if version != self.version and self._fingerprint_is_equal():
            self.version = version
        return version == self.version

    def _fingerprint_is_equal(self) -> bool:
        try:
            return self.fingerprint is not None and self.fingerprint() == self.fingerprint_value
        except DatabaseError:
            return False  # The view meets the same error and reports it.


class _CachedResponse(NamedTuple):
    content: bytes
    headers: dict[str, str]
    # Logs and metrics name the route.
    resolver_match: ResolverMatch | None
    freshness: Freshness


class _ResponseCache:
    """At most MAX_CACHE_BYTES; the oldest entries give way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[CacheKey, _CachedResponse] = {}
        self._bytes = 0

    def get(self, key: CacheKey) -> _CachedResponse | None:
        return self._entries.get(key)

    def set(self, key: CacheKey, entry: _CachedResponse) -> None:
        if len(entry.content) > MAX_RESPONSE_BYTES:
            self.discard(key)
            return
        with self._lock:
            self._remove(key)
            self._entries[key] = entry
            self._bytes += _size(key, entry)
            while self._bytes > MAX_CACHE_BYTES:
                self._remove(next(iter(self._entries)))

    def discard(self, key: CacheKey) -> None:
        with self._lock:
            self._remove(key)

    def _remove(self, key: CacheKey) -> None:
        removed = self._entries.pop(key, None)
        if removed:
            self._bytes -= _size(key, removed)

    def __len__(self) -> int:
        return len(self._entries)


_cache = _ResponseCache()


def response_cache(get_response: GetResponse) -> GetResponse:
    """Middleware. Stands before everything whose effect on a response is cached with it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return get_response(request)
        keys = _make_keys(request)
        try:
            return _find(request, keys)
        except CacheMiss as miss:
            outdated = miss.outdated
            request.database_version = miss.version  # type: ignore[attr-defined]  # for the view
        response = get_response(request)
        freshness: Freshness | None = getattr(response, "freshness", None)
        if freshness is None or not isinstance(response, HttpResponse):
            if outdated is not None:
                _cache.discard(outdated)
            return response
        if freshness.is_public:
            # Of `Link` too: a page that another page follows now is a new response.
            link = response.headers.get("Link", "")
            response["ETag"] = entity_tag(response.content, link.encode())
        if freshness.version is not None:
            entry = _CachedResponse(
                # A copy: orjson leaves a small response in a buffer of 4 kB.
                bytes(memoryview(response.content)),
                dict(response.items()),
                request.resolver_match,
                freshness,
            )
            _cache.set(keys[0 if freshness.is_public else 1], entry)
        return conditional_response(request, response)

    return middleware


class CacheMiss(Exception):
    """No cached response is known to hold. `outdated` is the key of one that did, and `version` was
    the database's when that was found out."""

    def __init__(
        self, outdated: CacheKey | None = None, version: DatabaseVersion | None = None
    ) -> None:
        super().__init__()
        self.outdated = outdated
        self.version = version


def only_cached(request: HttpRequest) -> HttpResponseBase:
    """What `response_cache` would return without calling on, for an event loop.
    Raises CacheMiss."""
    return _find(request, _make_keys(request))


def _find(request: HttpRequest, keys: tuple[CacheKey, ...]) -> HttpResponseBase:
    for key in keys:
        if cached := _cache.get(key):
            if cached.freshness.includes(request.META.get(ASKED_AT)):
                return _send_again(request, cached)
            version = database_version()
            if cached.freshness.holds(version):
                return _send_again(request, cached)
            raise CacheMiss(key, version)
    raise CacheMiss


def _make_keys(request: HttpRequest) -> tuple[CacheKey, CacheKey]:
    """For a public response, and for one of the user."""
    headers = request.META
    key = (
        request.scheme,
        request.path_info,
        headers.get("QUERY_STRING"),
        *(headers.get(name) for name in _KEY_HEADERS),
    )
    return key, (*key, headers.get("HTTP_AUTHORIZATION"))


def _send_again(request: HttpRequest, cached: _CachedResponse) -> HttpResponseBase:
    request.resolver_match = cached.resolver_match
    return conditional_response(request, HttpResponse(cached.content, headers=cached.headers))


def _size(key: CacheKey, entry: _CachedResponse) -> int:
    """What it takes in memory, or many small responses would take 60 times what is counted."""
    texts = sum(len(part) for part in key if isinstance(part, str))
    return _ENTRY_BYTES + len(entry.content) + texts
