"""What can go wrong between GitHub and us, each as a fault of tests.repos.github_server."""

import json
import socket
import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.repos.github_server import Fault, Handler

ELSEWHERE = "http://127.0.0.2:9"


def answering(status: int, body: Any = None, **headers: str) -> Fault:
    def fault(handler: Handler) -> bool:
        raw = body if isinstance(body, bytes) else json.dumps(body or {"message": "no"}).encode()
        handler.send_bytes(status, raw, **headers)
        return True

    return fault


def raw(*pieces: bytes) -> Fault:
    """Bytes on the wire, headers included, then the end of the connection."""

    def fault(handler: Handler) -> bool:
        for piece in pieces:
            handler.wfile.write(piece)
        handler.close_connection = True
        return True

    return fault


def dripping(piece: bytes, *, after: bytes, seconds: float = 0.05) -> Fault:
    """`piece` for ever, one every `seconds`."""

    def fault(handler: Handler) -> bool:
        handler.wfile.write(after)
        while not handler.github.stopping.wait(seconds):
            handler.wfile.write(piece)
            handler.wfile.flush()
        handler.close_connection = True
        return True

    return fault


def silent(handler: Handler) -> bool:
    handler.github.stopping.wait(30)
    handler.close_connection = True
    return True


def reset(handler: Handler) -> bool:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True
    return True


def endless(handler: Handler) -> bool:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not handler.github.stopping.is_set():
        handler.wfile.write(b"[" * 65536)
    return True


def gzip_bomb(handler: Handler) -> bool:
    squeezer = zlib.compressobj(9, wbits=31)
    body = b"".join(squeezer.compress(b" " * 1024 * 1024) for _ in range(300)) + squeezer.flush()
    handler.send_bytes(200, body, Content_Encoding="gzip")
    return True


def redirecting(status: int, location: str) -> Fault:
    """`{path}` in `location` is the path that was asked for."""

    def fault(handler: Handler) -> bool:
        place = location.replace("{path}", handler.path).replace("{url}", handler.github.url)
        handler.send_bytes(
            status, b'{"message": "Moved Permanently", "url": "..."}', Location=place
        )
        return True

    return fault


def views_saying(change: Callable[[dict[str, Any]], Any]) -> Fault:
    """The right answer about views, after `change`; a returned value replaces it."""

    def fault(handler: Handler) -> bool:
        if "?" in handler.path:
            return False
        repository, endpoint = handler.github.find(handler.path)
        if repository is None or endpoint != "/traffic/views":
            return False
        body = repository.window("views", handler.github.now())
        changed = change(body)
        handler.send_json(200, body if changed is None else changed)
        return True

    return fault


def _first_day(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["views"][0].update(members)


def _day(handler_days: int) -> Fault:
    """A day so many days from today, where no window reaches."""

    def fault(handler: Handler) -> bool:
        day = (handler.github.now() + timedelta(days=handler_days)).date()
        return views_saying(_first_day(timestamp=f"{day}T00:00:00Z"))(handler)

    return fault


def limited(status: int, message: str = "", **headers: str) -> Fault:
    return answering(status, {"message": message}, **headers)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

# Each makes the repository fail, and nothing else.
FAULTS: dict[str, Fault] = {
    "500": answering(500),
    "502 in HTML": answering(502, b"<html>Unicorn!</html>", Content_Type="text/html"),
    "503": answering(503),
    "503 with Retry-After": answering(503, Retry_After="7200"),
    "504": answering(504),
    "no answer": silent,
    "dripping body": dripping(b" ", after=OK + b"Content-Length: 100000\r\n\r\n"),
    "dripping headers": dripping(b"X-A: b\r\n", after=OK),
    "endless body": endless,
    "endless chunks": dripping(
        b"10000\r\n" + b"[" * 65536 + b"\r\n",
        after=OK + b"Transfer-Encoding: chunked\r\n\r\n",
        seconds=0,
    ),
    "gzip bomb": gzip_bomb,
    "corrupt gzip": answering(200, b"not gzip at all", Content_Encoding="gzip"),
    "unknown encoding": answering(200, b"{}", Content_Encoding="br"),
    "reset": reset,
    "closed at once": raw(),
    "truncated": raw(OK + b"Content-Length: 500\r\n\r\n", b'{"count": 1'),
    "truncated chunk": raw(OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\n", b'{"count": 1'),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "thousand headers": raw(OK, b"X-A: b\r\n" * 1000, b"\r\n"),
    "empty body": answering(200, b" "),
    "garbage": answering(200, bytes(range(256))),
    "HTML": answering(200, b"<html>Sign in to the hotel's network</html>"),
    "null": answering(200, b"null"),
    "array for object": answering(200, b"[1]"),
    "deep nesting": answering(200, b"[" * 100_000),
    "no days": views_saying(lambda body: {"count": 1, "uniques": 1}),
    "days null": views_saying(lambda body: body.update(views=None)),
    "count is text": views_saying(_first_day(count="12")),
    "count is negative": views_saying(_first_day(count=-1)),
    "count is a fraction": views_saying(_first_day(count=1.5)),
    "count is true": views_saying(_first_day(count=True)),
    "count is null": views_saying(_first_day(count=None)),
    "count beyond 64 bits": views_saying(_first_day(count=2**63)),
    "count beyond belief": views_saying(_first_day(count=10**14 + 1)),
    "total is text": views_saying(lambda body: body.update(uniques="many")),
    "day long ago": _day(-16),
    "day to come": _day(2),
    "no such day": views_saying(_first_day(timestamp="2026-02-30T00:00:00Z")),
    "not midnight": views_saying(_first_day(timestamp="2026-02-20T01:00:00Z")),
    "a day twice": views_saying(lambda body: body["views"].append(body["views"][0])),
    "sixteen days": views_saying(lambda body: body.update(views=body["views"][:1] * 16)),
    "202": answering(202, b"{}"),
    "204": answering(204, b""),
    "304 unasked": raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "400": answering(400),
    "401": answering(401, {"message": "Bad credentials"}),
    "403 push access": answering(403, {"message": "Must have push access to repository"}),
    "403 fine-grained": answering(
        403, {"message": "Resource not accessible by personal access token"}
    ),
    "403 app": answering(403, {"message": "Resource not accessible by integration"}),
    "403 single sign-on": answering(403, X_GitHub_SSO="required; url=https://github.com/orgs/x"),
    "403 unexplained": answering(403, X_Accepted_GitHub_Permissions="administration=read"),
    "404": answering(404),
    "410": answering(410),
    "451": answering(451),
    "redirect to another host": redirecting(301, ELSEWHERE + "{path}"),
    "redirect to another port": redirecting(302, "http://127.0.0.1:9{path}"),
    "redirect to another call": redirecting(301, "{url}/user"),
    "redirect to dots": redirecting(301, "{url}/repos/../user"),
    "redirect nowhere": redirecting(301, ""),
    "redirect to nonsense": redirecting(301, "http://["),
    "redirect in circles": redirecting(307, "{url}{path}"),
    "primary limit": limited(
        403, "API rate limit exceeded", X_RateLimit_Remaining="0", X_RateLimit_Reset="99999999999"
    ),
    "429": limited(429),
    "429 with Retry-After": limited(429, Retry_After="3600"),
    "429 with a date": limited(429, Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"),
    "429 with nonsense": limited(429, Retry_After="soon"),
    "secondary limit": limited(403, "You have exceeded a secondary rate limit."),
}
