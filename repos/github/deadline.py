"""A deadline for a whole HTTP request, headers included.

`requests` bounds the silence between two packets, not the request: a server that sends one byte a
second holds it for ever. So a timer shuts the socket down when the time is over.
Tested by `tests/repos/test_github_client.py` with "dripping headers" and "dripping body".
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Deadline:
    """Shuts down the socket of the request that this thread is making when the time is over."""

    def __init__(self, seconds: float) -> None:
        self.at = monotonic() + seconds
        self.sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True

    @property
    def has_passed(self) -> bool:
        return monotonic() >= self.at

    def _shut_down(self) -> None:
        if self.sock is not None:
            with contextlib.suppress(OSError, ValueError):
                self.sock.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def enforced(self) -> Iterator[None]:
        _current.deadline = self
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()
            _current.deadline = None


class _Current(threading.local):
    deadline: Deadline | None = None


_current = _Current()


class _ReportsSocketMixin:
    """Reports to the deadline of this thread which socket the connection uses."""

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # mixed into a connection class
        self._report_socket()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._report_socket()
        super().request(*args, **kwargs)  # type: ignore[misc]  # mixed into a connection class
        self._report_socket()

    def _report_socket(self) -> None:
        sock = getattr(self, "sock", None)
        if _current.deadline is not None and sock is not None:
            _current.deadline.sock = sock


class _HTTP(_ReportsSocketMixin, HTTPConnection):
    pass


class _HTTPS(_ReportsSocketMixin, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


class DeadlineAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
