"""What a client may send after its request was rejected by its headers."""

import asyncio
import time
from typing import Any

import pytest

from operations.serving import asgi
from operations.serving.asgi import ThreadedWSGI

MEBIBYTE = 1024 * 1024


class Client:
    """Sends `chunk` every `pause` seconds and never comes to an end."""

    def __init__(self, chunk: bytes, pause: float = 0) -> None:
        self.chunk = chunk
        self.pause = pause
        self.received: list[dict[str, Any]] = []
        self.sent_before_response = 0
        self.sent = 0

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(self.pause)
        self.sent += len(self.chunk)
        if not self.received:
            self.sent_before_response += len(self.chunk)
        return {"type": "http.request", "body": self.chunk, "more_body": True}

    def send(self, message: dict[str, Any]) -> Any:
        self.received.append(message)


def upload(client: Client) -> float:
    """The seconds for which the server is occupied with it."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        assert environ["wsgi.input"].read() == b""
        start_response("413 Content Too Large", [("Content-Type", "application/json")])
        return [b"{}"]

    scope = {
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "raw_path": b"/users",
        "query_string": b"",
        "server": ("127.0.0.1", "8000"),
        "client": ("127.0.0.1", "1"),
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"999999999")],
    }
    server = ThreadedWSGI(application)
    began = time.monotonic()
    asyncio.run(server(scope, client.receive, client.send))
    return time.monotonic() - began


def test_the_response_does_not_wait_for_the_body() -> None:
    client = Client(b" " * MEBIBYTE)

    upload(client)

    assert client.received[0]["status"] == 413
    assert (b"connection", b"close") in client.received[0]["headers"]
    assert client.sent_before_response == 0


def test_as_much_is_read_on_as_the_proxies_let_through() -> None:
    client = Client(b" " * MEBIBYTE)

    upload(client)

    assert client.sent == 34 * MEBIBYTE


@pytest.mark.parametrize(
    ("bound", "pause"), [("DISCARD_SECONDS", 0.01), ("DISCARD_IDLE_SECONDS", 60)]
)
def test_who_sends_slowly_or_nothing_is_left_after_a_while(
    bound: str, pause: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, bound, 0.2)

    seconds = upload(Client(b" ", pause))

    assert 0.2 <= seconds < 2


def test_a_message_at_the_instant_of_the_timeout_does_not_prolong_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asgi, "DISCARD_SECONDS", 0.02)

    # It sends at each turn of the event loop.
    seconds = [upload(Client(b" " * 128)) for _ in range(6)]

    assert max(seconds) < 2
