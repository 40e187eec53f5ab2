"""One GET, bounded in time and bytes as a whole, whatever the other side does.

`requests` bounds the silence between two packets, not the call: a server that sends a byte a second
holds it for ever, in the headers too. So a watchdog shuts the socket down at the deadline.
"""

import contextlib
import socket
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long and how much we bear with GitHub, which itself gives up on a call after 10 s."""

    connect_seconds: float = 5
    silence_seconds: float = 10
    call_seconds: float = 12
    # Everything about one repository, waiting for rate limits left out.
    repository_seconds: float = 45
    # A refusal is answered at once and worth three tries; a silence costs its full time each.
    attempts: int = 3
    slow_attempts: int = 2
    pause_seconds: float = 0.5
    # All waiting for rate limits with one credential in one run.
    waiting_seconds: float = 60
    # Of a body, decoded. GitHub's answers about traffic are a few kilobytes.
    body_bytes: int = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportError(Exception):
    """Nothing usable arrived; another try may do better."""


class TooSlow(TransportError):
    pass


class TooLarge(TransportError):
    """The body is longer than anything that GitHub says about traffic."""


class _Watched(threading.local):
    deadline: "_Deadline | None" = None


_watched = _Watched()


class _Deadline:
    """Shuts down the socket of the call that this thread is making when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.at = monotonic() + seconds
        self.sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    @property
    def has_passed(self) -> bool:
        return monotonic() >= self.at

    def _cut(self) -> None:
        if self.sock is not None:
            with contextlib.suppress(OSError, ValueError):
                self.sock.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        _watched.deadline = self
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()
            _watched.deadline = None


class _WatchedConnection:
    """Tells the deadline which socket the call of this thread is using."""

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # mixed into a connection class
        self._watch()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._watch()
        super().request(*args, **kwargs)  # type: ignore[misc]  # mixed into a connection class
        self._watch()

    def _watch(self) -> None:
        sock = getattr(self, "sock", None)
        if _watched.deadline is not None and sock is not None:
            _watched.deadline.sock = sock


class _WatchedHTTP(_WatchedConnection, HTTPConnection):
    pass


class _WatchedHTTPS(_WatchedConnection, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


class _WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class _BearerToken(AuthBase):
    """Set as an auth object, so that nothing else (a .netrc file) can take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Transport:
    """GET requests to one server with one credential. Not for several threads at once."""

    def __init__(self, *, token: str, headers: Mapping[str, str], patience: RetryPolicy) -> None:
        self._patience = patience
        self._session = requests.Session()
        # Neither a proxy from the environment nor a .netrc file gets to see or change the token.
        self._session.trust_env = False
        self._session.auth = _BearerToken(token)
        self._session.headers.update(headers)
        adapter = _WatchedAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        self._session.close()

    def get(self, url: str, *, headers: Mapping[str, str], seconds: float) -> Response:
        """The answer, redirects not followed. Raises TransportError after `seconds` at the latest,
        or as soon as the body is larger than allowed."""
        deadline = _Deadline(min(seconds, self._patience.call_seconds))
        try:
            with deadline.watching():
                answer = self._get(url, headers)
        except TransportError as error:
            if deadline.has_passed:
                raise TooSlow from error
            raise
        except (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError) as error:
            raise TooSlow from error
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            raise (TooSlow if deadline.has_passed else TransportError) from error
        if deadline.has_passed:
            # Cut short, the answer can look like a whole one with less in it.
            raise TooSlow
        return answer

    def _get(self, url: str, headers: Mapping[str, str]) -> Response:
        patience = self._patience
        with self._session.get(
            url,
            headers=dict(headers),
            stream=True,
            allow_redirects=False,
            timeout=(patience.connect_seconds, patience.silence_seconds),
        ) as response:
            # Raw, so that a few kilobytes of gzip cannot become gigabytes before we look.
            raw = response.raw.read(patience.body_bytes + 1, decode_content=False)
            expected = response.headers.get("Content-Length", "")
            if (
                len(raw) <= patience.body_bytes
                and expected.isdecimal()
                and len(raw) < int(expected)
            ):
                raise TransportError
            encoding = response.headers.get("Content-Encoding", "identity").lower()
            body = _decoded(raw, encoding, limit=patience.body_bytes)
            return Response(response.status_code, response.headers, body)


def _decoded(raw: bytes, encoding: str, *, limit: int) -> bytes:
    if len(raw) > limit:
        raise TooLarge
    if encoding in {"identity", ""} or not raw:
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        raise TransportError
    stream = zlib.decompressobj(wbits=31)
    try:
        body = stream.decompress(raw, limit + 1)
    except zlib.error as error:
        raise TransportError from error
    if len(body) > limit:
        raise TooLarge
    if not stream.eof:
        raise TransportError
    return body
