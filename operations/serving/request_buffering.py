"""A request reaches Django once its body is here: slow clients hold up nobody but themselves.

The web server reads a body in the thread that runs the request. Half a body and then silence keep
that thread for as long as the client likes. Threads are many, and one that only waits is cheap:
what must not wait with it are a database connection and a place among the requests at work.
"""

import threading
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from api.body_limits import declared_length, length_limit

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

# Requests at work in one process. More would only take turns on the interpreter lock.
MAX_CONCURRENT_REQUESTS = 16
IN_MEMORY_BYTES = 256 * 1024
CHUNK_BYTES = 64 * 1024


def buffer_request_bodies(
    application: "WSGIApplication", *, slots: int = MAX_CONCURRENT_REQUESTS
) -> "WSGIApplication":
    at_work = threading.BoundedSemaphore(slots)

    def receive_then_answer(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        length = declared_length(environ)
        # One that is too long or of no known length is refused unread, by the middleware.
        if length and length <= length_limit(environ):
            environ["wsgi.input"] = _read_body(environ["wsgi.input"], length)
        with at_work:
            return application(environ, start_response)

    return receive_then_answer


def _read_body(stream: "InputStream", length: int) -> IO[bytes]:
    """What arrives of `length` bytes; less, when the client hangs up, which Django then refuses."""
    body = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  # closed with the request
    missing = length
    while missing and (chunk := stream.read(min(missing, CHUNK_BYTES))):
        body.write(chunk)
        missing -= len(chunk)
    body.seek(0)
    return body
