"""Runs Foyer, a WSGI application, in threads behind granian's ASGI interface.

granian's WSGI interface loses what Foyer must know: `X_Forwarded_For` overwrites `X-Forwarded-For`,
and a header value outside ASCII arrives empty. ASGI hands over names and values as they were sent.

The event loop reads the bodies, so a client that sends half a request and falls silent holds no
thread and no database connection.
"""

import asyncio
import contextvars
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from queue import Empty, SimpleQueue
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from api.bodies.limits import declared_length, length_limit
from api.response_cache import ASKED_AT, CacheKey, CacheMiss
from core.db.sqlite.group_commit import run_together

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
# sends is reset, and the response is lost (RFC 9112 §9.6). As much as the configurations of deploy/
# let through; less time than a stop waits for requests (SHUTDOWN_TIMEOUT_SECONDS).
DISCARD_BYTES = 34 * 1024 * 1024
DISCARD_SECONDS = 20
DISCARD_IDLE_SECONDS = 5

logger = logging.getLogger(__name__)


class ThreadedWSGI:
    """`cached` returns the response to a request, or raises CacheMiss, without waiting for
    anything: that is sent from the event loop. Requests of which `is_small_write` is true share a
    thread and their commits; their responses are never streams."""

    def __init__(
        self,
        application: "WSGIApplication",
        *,
        cached: "Callable[[WSGIEnvironment], HttpResponseBase] | None" = None,
        is_small_write: "Callable[[WSGIEnvironment], bool] | None" = None,
        slots: int = MAX_CONCURRENT_REQUESTS,
    ) -> None:
        self._application = application
        self._cached = cached
        # One for all: in the context of each request Django makes a new connection object.
        self._context = contextvars.copy_context()
        self._renewals: dict[CacheKey, asyncio.Event] = {}
        self._small_writes = _SmallWrites(is_small_write) if is_small_write else None
        self._slots = asyncio.Semaphore(slots)
        self._threads = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        environ = build_environ(scope)
        if (length := _accepted_length(environ)) is None:
            environ["wsgi.input"] = BytesIO()
            # Before the body is read: who waits for permission to send it (Expect) gets the
            # response instead, and a slow client does not wait for it.
            await self._respond(environ, _closing(send))
            await _discard_body(receive)
            return
        body = await _read_body(length, receive)
        if body is None:
            return  # The client hung up.
        environ["wsgi.input"] = body
        await self._respond(environ, send)

    async def _respond(self, environ: "WSGIEnvironment", send: Send) -> None:
        environ[ASKED_AT] = time.monotonic()
        try:
            response = await self._find_cached(environ)
        except CacheMiss as miss:
            with self._renewing(miss.outdated):
                await self._work(environ, send)
        else:
            await send(_response_start(response.status_code, response.items()))
            await send({"type": "http.response.body", "body": b"".join(response)})

    async def _find_cached(self, environ: "WSGIEnvironment") -> "HttpResponseBase":
        """Raises CacheMiss. Of many that ask for what has just changed, one makes the response
        anew, and the others wait for it. Who came while it was being made may have to wait for the
        next one; that was begun later, so it is good enough whatever is committed meanwhile."""
        if self._cached is None:
            raise CacheMiss
        while True:
            try:
                return self._context.run(self._cached, environ)
            except CacheMiss as miss:
                if miss.outdated not in self._renewals:
                    raise
                renewal = self._renewals[miss.outdated]
            await renewal.wait()

    @contextmanager
    def _renewing(self, outdated: CacheKey | None) -> Iterator[None]:
        if outdated is None or outdated in self._renewals:
            yield
            return
        renewal = self._renewals[outdated] = asyncio.Event()
        try:
            yield
        finally:
            del self._renewals[outdated]
            renewal.set()

    async def _work(self, environ: "WSGIEnvironment", send: Send) -> None:
        exchange = _Exchange(self._application, environ, send)
        async with self._slots:
            if self._small_writes and self._small_writes.take(environ):
                self._small_writes.submit(exchange)
            else:
                self._threads.submit(exchange.run)
            await exchange.responded
        # Nothing more to do, unless the body of the response is a stream.
        await exchange.finished


class _SmallWrites:
    """One thread for all of them: it takes those that have gathered while it was at work."""

    def __init__(self, take: "Callable[[WSGIEnvironment], bool]") -> None:
        self.take = take
        self._gathered: SimpleQueue[_Exchange] = SimpleQueue()
        threading.Thread(target=self._run, name="small writes", daemon=True).start()

    def submit(self, exchange: "_Exchange") -> None:
        self._gathered.put(exchange)

    def _run(self) -> None:
        while True:
            exchanges = [self._gathered.get()]
            with suppress(Empty):
                while len(exchanges) < MAX_CONCURRENT_REQUESTS:
                    exchanges.append(self._gathered.get_nowait())
            run_together(
                [exchange.respond for exchange in exchanges], waiting_since=exchanges[0].asked_at
            )
            # Closed already when the process ends.
            with suppress(RuntimeError):
                exchanges[0].loop.call_soon_threadsafe(_finish_all, exchanges)


def _finish_all(exchanges: "list[_Exchange]") -> None:
    """Sends all responses before the first next request is read, so that the next ones gather."""
    for exchange in exchanges:
        exchange.send_body()
        exchange.finish()


class _Exchange:
    """One request and its response."""

    def __init__(
        self, application: "WSGIApplication", environ: "WSGIEnvironment", send: Send
    ) -> None:
        self._application = application
        self._environ = environ
        self._send = send
        self.asked_at: float = environ[ASKED_AT]
        self.loop = asyncio.get_running_loop()
        self._start: dict[str, Any] = {}
        self._body: bytes | None = None
        self.responded: asyncio.Future[None] = self.loop.create_future()
        self.finished: asyncio.Future[None] = self.loop.create_future()

    def run(self) -> None:
        """In a thread of its own."""
        self.respond()
        self.send_body()
        # Closed already when the process ends.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.finish)

    def respond(self) -> None:
        """Make the response, and send it if it is a stream."""
        try:
            self._respond()
        except BaseException:
            # Django turns its own failures into responses; granian answers this one with a 500.
            logger.exception("A request failed outside Django.")

    def _respond(self) -> None:
        result = self._application(self._environ, self._start_response)
        try:
            if getattr(result, "streaming", False):
                self._stream(result)
            else:
                self._body = b"".join(result)
        finally:
            if close := getattr(result, "close", None):
                close()

    def send_body(self) -> None:
        """From any thread: granian sends a response of one part when told."""
        if self._body is None:
            return
        try:
            self._send(self._start)
            self._send({"type": "http.response.body", "body": self._body})
        except Exception:
            logger.exception("A response could not be sent.")

    def finish(self) -> None:
        _set(self.responded)
        _set(self.finished)

    def _stream(self, chunks: Iterable[bytes]) -> None:
        self.loop.call_soon_threadsafe(_set, self.responded)
        self._send_and_wait(self._start)
        for chunk in chunks:
            self._send_and_wait({"type": "http.response.body", "body": chunk, "more_body": True})
        self._send_and_wait({"type": "http.response.body", "body": b""})

    def _send_and_wait(self, message: dict[str, Any]) -> None:
        async def send() -> None:
            await self._send(message)

        asyncio.run_coroutine_threadsafe(send(), self.loop).result()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        self._start = _response_start(int(status[:3]), headers)
        return _write


def _response_start(status: int, headers: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ],
    }


def _closing(send: Send) -> Send:
    """Says that the connection ends with this response (RFC 9110 §10.1.1)."""

    def send_closing(message: dict[str, Any]) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            message["headers"].append((b"connection", b"close"))
        return send(message)

    return send_closing


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
    # Health checks of load balancers send none with HTTP/1.0, and granian adds an empty one.
    if scope["http_version"] in ("1", "1.0") and not environ.get("HTTP_HOST"):
        environ.pop("HTTP_HOST", None)
    return environ


def _add_header(environ: "WSGIEnvironment", name: str, value: str) -> None:
    """A repeated header is one list (RFC 9110 §5.3; cookies: RFC 9113 §8.2.3)."""
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    if (earlier := environ.get(key)) is not None:
        value = f"{earlier}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    environ[key] = value


def _accepted_length(environ: "WSGIEnvironment") -> int | None:
    """None for a body that is rejected by its headers, by api.middleware.body_limits."""
    length = declared_length(environ)
    if "HTTP_TRANSFER_ENCODING" in environ or length is None or length > length_limit(environ):
        return None
    return length


async def _read_body(length: int, receive: Receive) -> IO[bytes] | None:
    """The whole body, or None when the client hung up before its end."""
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
                # Not by `wait_for`: in Python 3.11 it forgets the time-out around it when a message
                # comes at that instant, and who sends slowly would be read for hours.
                async with asyncio.timeout(DISCARD_IDLE_SECONDS):
                    message = await receive()
                seen += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
