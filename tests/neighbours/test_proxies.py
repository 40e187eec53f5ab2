"""Each proxy configuration of deploy/, run by the real program in front of a running Foyer."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from operations.serving.asgi import DISCARD_SECONDS
from tests.concurrency import CountingClients
from tests.neighbours.load import account, restart_in_turn
from tests.neighbours.proxies import PROXIES, Proxy
from tests.system.installation import Installation, free_port


class Client(HTTPConnection):
    """A connection to a proxy, from an address of the loopback range that is not the proxy's."""

    address = "127.0.0.2"

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port, timeout=60, source_address=(self.address, 0))

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[HTTPResponse, Any]:
        """The response, with its JSON or its bytes."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        names.setdefault("Content-Type", "application/json")
        sent = json.dumps(body) if isinstance(body, dict) else body
        self.request(method, path, sent, names)  # type: ignore[arg-type]  # bytes, text, pieces or None
        response = self.getresponse()
        content = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response, json.loads(content) if is_json and content else content


def ask(
    port: int, method: str, path: str, body: object = None, **headers: str
) -> tuple[HTTPResponse, Any]:
    """One request on a connection of its own."""
    with closing(Client(port)) as client:
        return client.ask(method, path, body, **headers)


def web_server(data_dir: Path) -> Installation:
    """One of the web servers of one installation, on a port of its own."""
    return Installation(data_dir, TRUSTED_PROXIES="1", WEB_WORKERS="1")


@pytest.fixture(scope="module", params=list(PROXIES))
def proxy(request: pytest.FixtureRequest) -> Proxy:
    return PROXIES[request.param]


@pytest.fixture(scope="module")
def port(proxy: Proxy, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    foyer = web_server(data_dir)
    folder = tmp_path_factory.mktemp("proxy")
    with foyer.running("run_web"), proxy.running(folder, f"127.0.0.1:{foyer.port}") as port:
        yield port


def test_absolute_urls_carry_host_and_port_of_the_proxy(port: int) -> None:
    response, person = ask(
        port, "POST", "/users", account(f"links-{port}"), X_Forwarded_Host="evil.example"
    )

    assert response.headers["Location"] == f"http://127.0.0.1:{port}/users/{person['id']}"


def test_the_client_address_is_the_one_that_the_proxy_saw(port: int) -> None:
    claimed = "203.0.113.9"
    _, person = ask(port, "POST", "/users", account(f"address-{port}"), X_Forwarded_For=claimed)

    _, sessions = ask(
        port,
        "GET",
        "/auth/sessions",
        Authorization=f"Bearer {person['access']}",
        X_Forwarded_For=claimed,
    )

    assert Client.address in json.dumps(sessions)
    assert claimed not in json.dumps(sessions)


def test_a_request_id_of_the_client_is_replaced(port: int) -> None:
    response, _ = ask(port, "GET", "/genres", X_Request_ID="mine")

    assert response.headers["X-Request-ID"] not in {None, "mine"}


def test_a_body_that_is_too_large_is_413_in_the_form_of_the_api(port: int) -> None:
    with closing(Client(port)) as client:
        client.putrequest("POST", "/users")
        client.putheader("Content-Type", "application/json")
        client.putheader("Content-Length", str(35 * 1024 * 1024))
        client.endheaders()
        with suppress(ConnectionError):  # it need not read what it rejects
            for _ in range(35):
                client.send(b" " * 1024 * 1024)
        response = client.getresponse()
        body = json.loads(response.read())

    assert response.status == 413
    assert response.headers["Content-Type"].startswith("application/json")
    assert body["type"] == "client_error"
    assert body["errors"][0]["code"] == "too_large"
    assert body["error"] == body["errors"][0]["detail"]


def test_a_body_that_is_too_large_for_its_call_is_413_at_every_speed(port: int) -> None:
    """The proxies let it through: their own limit is that of the largest call. Apache sends a body
    to its end before it reads a response, and Foyer does not read a rejected one for so long."""
    mebibyte = 1024 * 1024

    def upload(size: int, content_type: str, seconds: float, expect: bool) -> tuple[int, str]:
        with closing(Client(port)) as client:
            client.putrequest("POST", "/users")
            client.putheader("Content-Type", content_type)
            client.putheader("Content-Length", str(size))
            if expect:
                client.putheader("Expect", "100-continue")
            client.endheaders()
            with suppress(ConnectionError):  # it need not read what it rejects
                for _ in range(64):
                    client.send(b" " * (size // 64))
                    time.sleep(seconds / 64)
            response = client.getresponse()
            return response.status, json.loads(response.read())["errors"][0]["code"]

    uploads = [
        (size, content_type, seconds, expect)
        for size, content_type in (
            (2 * mebibyte, "application/json"),
            (12 * mebibyte, "multipart/form-data; boundary=x"),
            (33 * mebibyte, "application/json"),
        )
        for seconds in (0, 0, 0, DISCARD_SECONDS * 0.6, DISCARD_SECONDS * 1.3)
        for expect in (False, True)
    ]
    with ThreadPoolExecutor(len(uploads)) as threads:
        responses = list(threads.map(lambda each: upload(*each), uploads))

    assert responses == [(413, "too_large")] * len(uploads)


def test_a_body_in_chunks_arrives_whole_or_is_rejected_with_a_reason(
    proxy: Proxy, port: int
) -> None:
    text = json.dumps(account(f"chunks-{port}")) + " " * 100_000
    pieces = (text[i : i + 10_000].encode() for i in range(0, len(text), 10_000))

    response, body = ask(port, "POST", "/users", pieces)

    if proxy.collects_chunks:
        assert response.status == 201
    else:
        assert (response.status, body["errors"][0]["code"]) == (411, "length_required")


def test_errors_of_foyer_pass_unchanged(port: int) -> None:
    response, body = ask(port, "GET", "/games/999999")

    assert response.status == 404
    assert response.headers["Content-Type"].startswith("application/json")
    assert body["errors"][0]["code"] == "not_found"


def test_metrics_are_not_for_the_outside(port: int) -> None:
    response, _ = ask(port, "GET", "/metrics")

    assert response.status == 404


def test_no_compression_changes_the_etag(port: int) -> None:
    response, _ = _read_games(port)
    etag = response.headers["ETag"]

    again, _ = _read_games(port, If_None_Match=etag)

    assert again.status == 304
    assert again.headers["ETag"] == etag
    assert not etag.startswith("W/")


def _read_games(port: int, **headers: str) -> tuple[HTTPResponse, Any]:
    return ask(port, "GET", "/games", **headers)


def test_without_foyer_it_is_503_in_the_form_of_the_api(proxy: Proxy, tmp_path: Path) -> None:
    if proxy.waits_for_upstream:
        pytest.skip("it waits for half a minute first")
    with proxy.running(tmp_path, f"127.0.0.1:{free_port()}") as port:
        response, body = ask(port, "GET", "/genres")

    assert response.status == 503
    assert response.headers["Retry-After"] == "5"
    assert body["errors"][0]["code"] == "unavailable"


class Load(CountingClients):
    """Clients that read and sign up through a proxy until told to stop."""

    def __init__(self, port: int, *, clients: int = 4) -> None:
        self._port = port
        super().__init__(clients)

    def work(self, number: int) -> None:
        client = Client(self._port)
        for attempt in range(100_000):
            if self.stopped.is_set():
                break
            try:
                name = f"load-{self._port}-{number}-{attempt}"
                reading, _ = client.ask("GET", "/genres")
                writing, _ = client.ask("POST", "/users", account(name))
            except (OSError, HTTPException) as error:
                self.failed.append(error)
                client.close()
                continue
            for response, wanted in ((reading, 200), (writing, 201)):
                if response.status == wanted:
                    self.succeeded += 1
                else:
                    self.failed.append(response.status)
        client.close()


def test_restarts_of_foyer_under_load_fail_no_request(
    proxy: Proxy, data_dir: Path, tmp_path: Path
) -> None:
    """One web server for a proxy that waits; two, restarted in turn, for one that does not."""
    foyers = [web_server(data_dir) for _ in range(1 if proxy.waits_for_upstream else 2)]
    with ExitStack() as stack:
        servers = [stack.enter_context(foyer.running("run_web")) for foyer in foyers]
        upstreams = [f"127.0.0.1:{foyer.port}" for foyer in foyers]
        with proxy.running(tmp_path, *upstreams) as port, Load(port) as load:
            load.wait_for(20)
            restart_in_turn(stack, foyers, servers, then=lambda: load.wait_for(20))

    assert load.failed == []
