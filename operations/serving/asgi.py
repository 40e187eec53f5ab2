"""Runs Foyer, a WSGI application, in threads behind granian's ASGI interface.

granian's WSGI interface loses what Foyer must know: `X_Forwarded_For` overwrites `X-Forwarded-For`,
and a header value outside ASCII arrives empty. ASGI hands over names and values as they were sent.

The event loop reads the bodies, so a client that sends half a request and falls silent holds no
thread and no database connection.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from api.bodies.limits import declared_length, length_limit

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from django.http.response import HttpResponseBase

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Requests that one process works on. More would only take turns on the interpreter lock.
MAX_CONCURRENT_REQUESTS = 16
# Those, and the streamed responses (exports) whose clients read slowly.
MAX_THREADS = 128
IN_MEMORY_BYTES = 256 * 1024
# A rejected body is read on within these bounds: a connection that is closed while the client still
# sends is reset, and the response is lost (RFC 9112 §9.6).
DISCARD_BYTES = 32 * 1024 * 1024
DISCARD_SECONDS = 5

logger = logging.getLogger(__name__)


class ThreadedWSGI:
    """`cached` returns the response to a request if it can tell without waiting for anything: that
    is sent from the event loop."""

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        cached: "Callable[[WSGIEnvironment], HttpResponseBase | None] | None" = None,
        slots: int = MAX_CONCURRENT_REQUESTS,
    ) -> None:
        self._application = application
        self._cached = cached
        self._slots = asyncio.Semaphore(slots)
        self._threads = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        environ = build_environ(scope)
        body = await _read_body(environ, receive)
        if body is None:
            return  # The client hung up.
        environ["wsgi.input"] = body
        if self._cached and (response := self._cached(environ)):
            await send(_response_start(response.status_code, response.items()))
            await send({"type": "http.response.body", "body": b"".join(response)})
            return
        exchange = _Exchange(self._application, environ, send)
        async with self._slots:
            self._threads.submit(exchange.run)
            await exchange.responded
        # Nothing more to do, unless the body of the response is a stream.
        await exchange.finished


class _Exchange:
    """One request and its response, in a thread of its own."""

    def __init__(
        self, application: "WSGIApplication", environ: "WSGIEnvironment", send: Send
    ) -> None:
        self._application = application
        self._environ = environ
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._start: dict[str, Any] = {}
        self.responded: asyncio.Future[None] = self._loop.create_future()
        self.finished: asyncio.Future[None] = self._loop.create_future()

    def run(self) -> None:
        try:
            self._respond()
        except BaseException:
            # Django turns its own failures into responses; granian answers this one with a 500.
            logger.exception("A request failed outside Django.")
        finally:
            # Closed already when the process ends.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._finish)

    def _respond(self) -> None:
        result = self._application(self._environ, self._start_response)
        try:
            if getattr(result, "streaming", False):
                self._stream(result)
            else:
                body = b"".join(result)
                # granian sends a response of one part when told, from any thread.
                self._send(self._start)
                self._send({"type": "http.response.body", "body": body})
        finally:
            if close := getattr(result, "close", None):
                close()

    def _stream(self, chunks: Iterable[bytes]) -> None:
        self._loop.call_soon_threadsafe(_set, self.responded)
        self._send_and_wait(self._start)
        for chunk in chunks:
            self._send_and_wait({"type": "http.response.body", "body": chunk, "more_body": True})
        self._send_and_wait({"type": "http.response.body", "body": b""})

    def _send_and_wait(self, message: dict[str, Any]) -> None:
        async def send() -> None:
            await self._send(message)

        asyncio.run_coroutine_threadsafe(send(), self._loop).result()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        self._start = _response_start(int(status[:3]), headers)
        return _write

    def _finish(self) -> None:
        _set(self.responded)
        _set(self.finished)


def _response_start(status: int, headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ],
    }


def _set(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _write(body: bytes) -> object:
    raise NotImplementedError("Django returns its responses and never writes them.")


def build_environ(scope: Scope) -> "WSGIEnvironment":
    """PEP 3333's environment of a request; text in it is bytes decoded as Latin-1.

    A header name with an underscore is left out, as nginx, gunicorn and Django's own server do: in
    the environment it would be the same as the name with hyphens, whatever a proxy in front removes
    or sets.
    """
    host, port = scope["server"] or ("localhost", "0")
    path: bytes = scope["raw_path"]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" not in name:
            _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    return environ


def _add_header(environ: "WSGIEnvironment", name: str, value: str) -> None:
    """A repeated header is one list (RFC 9110 §5.3; cookies: RFC 9113 §8.2.3)."""
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    if (earlier := environ.get(key)) is not None:
        value = f"{earlier}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    environ[key] = value


async def _read_body(environ: "WSGIEnvironment", receive: Receive) -> IO[bytes] | None:
    """The whole body, or None when the client hung up before its end.

    A body that the middleware rejects by its headers is empty here: see api.middleware.body_limits.
    """
    length = declared_length(environ)
    if "HTTP_TRANSFER_ENCODING" in environ or length is None or length > length_limit(environ):
        # Who waits for permission to send it gets the response instead.
        if "HTTP_EXPECT" not in environ:
            await _discard_body(receive)
        return BytesIO()
    body: IO[bytes] = (
        SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # closed with the request
        if length > IN_MEMORY_BYTES
        else BytesIO()
    )
    while length > 0:
        message = await receive()
        chunk = message.get("body", b"")
        if not chunk and not message.get("more_body"):
            return None
        body.write(chunk)
        length -= len(chunk)
    body.seek(0)
    return body


async def _discard_body(receive: Receive) -> None:
    seen = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while seen < DISCARD_BYTES:
                message = await receive()
                seen += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
