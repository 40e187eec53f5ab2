"""One GET request, bounded in time and bytes as a whole, whatever the other side does."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.auth import AuthBase

from repos.github.deadline import Deadline, DeadlineAdapter


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait and how often to try. GitHub itself gives up on a request after 10 s."""

    connect_seconds: float = 5
    silence_seconds: float = 10
    request_seconds: float = 12
    # Everything about one repository or owner, waiting for rate limits left out.
    job_seconds: float = 45
    # A rejection comes at once and is worth three tries; a silence costs its full time each.
    attempts: int = 3
    slow_attempts: int = 2
    pause_seconds: float = 0.5
    # All waiting for rate limits with one credential in one run.
    waiting_seconds: float = 60
    # Of a body, decoded. GitHub's responses about traffic are a few kilobytes.
    body_bytes: int = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """`body` is empty for redirects: where they lead stands in the headers."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_redirect(self) -> bool:
        return 300 <= self.status < 400 and self.status != 304


class TransportError(Exception):
    """Nothing usable arrived; another try may do better."""


class TooSlow(TransportError):
    pass


class TooLarge(TransportError):
    """The body is longer than anything that GitHub sends for this request."""


class _BearerToken(AuthBase):
    """Set as an auth object, so that nothing else (a .netrc file) can take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: requests reads the whole body of every redirect, however long, even when it is
        told not to follow it."""
        return None


class Transport:
    """GET requests to one server with one credential. Not for several threads at once."""

    def __init__(self, *, token: str, headers: Mapping[str, str], policy: RetryPolicy) -> None:
        self._policy = policy
        self._session = _Session()
        # Neither a proxy from the environment nor a .netrc file gets to see or change the token.
        self._session.trust_env = False
        self._session.auth = _BearerToken(token)
        self._session.headers.update(headers)
        adapter = DeadlineAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def close(self) -> None:
        self._session.close()

    def get(
        self, url: str, *, headers: Mapping[str, str], seconds: float, max_bytes: int
    ) -> Response:
        """The response; redirects are not followed. Raises TransportError after `seconds` at the
        latest, or as soon as the body is longer than `max_bytes`."""
        deadline = Deadline(min(seconds, self._policy.request_seconds))
        try:
            with deadline.enforced():
                response = self._get(url, headers, max_bytes)
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
            # Cut short, the response can look like a whole one with less in it.
            raise TooSlow
        return response

    def _get(self, url: str, headers: Mapping[str, str], max_bytes: int) -> Response:
        with self._session.get(
            url,
            headers=dict(headers),
            stream=True,
            allow_redirects=False,
            timeout=(self._policy.connect_seconds, self._policy.silence_seconds),
        ) as response:
            answer = Response(response.status_code, response.headers, b"")
            if answer.is_redirect:
                return answer
            return Response(answer.status, answer.headers, _body_of(response, max_bytes))


def _body_of(response: requests.Response, limit: int) -> bytes:
    # Raw, so that a few kilobytes of gzip cannot become gigabytes before their size is checked.
    raw = response.raw.read(limit + 1, decode_content=False)
    if len(raw) > limit:
        raise TooLarge
    expected = response.headers.get("Content-Length", "")
    if expected.isdecimal() and len(raw) < int(expected):
        raise TransportError
    return _decoded(raw, response.headers.get("Content-Encoding", "identity").lower(), limit)


def _decoded(raw: bytes, encoding: str, limit: int) -> bytes:
    if encoding in {"identity", ""} or not raw:
        return raw
    if encoding not in {"gzip", "x-gzip"}:
        raise TransportError
    stream: Any = zlib.decompressobj(wbits=31)
    try:
        body: bytes = stream.decompress(raw, limit + 1)
    except zlib.error as error:
        raise TransportError from error
    if len(body) > limit:
        raise TooLarge
    if not stream.eof:
        raise TransportError
    return body
