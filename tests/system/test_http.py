"""What the web server makes of the bytes of a request, without a proxy in front."""

import json
import secrets
import socket
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from operations.serving.asgi import DISCARD_IDLE_SECONDS
from operations.serving.server import KEEP_ALIVE_SECONDS
from tests.concurrency import at_once
from tests.system.installation import Installation

PASSWORD = "ten green bottles"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(
        tmp_path_factory.mktemp("http"), TRUSTED_PROXIES="1", ALLOWED_HOSTS="localhost,127.0.0.1"
    )
    outcome = installation.manage("migrate", "--verbosity", "0")
    assert outcome.returncode == 0, outcome.stderr
    with installation.running("run_web"):
        yield installation


def send(server: Installation, *parts: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to these bytes, sent one part after the other."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, body


def request(
    server: Installation, method: str, path: str, *headers: bytes, body: object = None
) -> tuple[int, dict[str, str], Any]:
    content = b"" if body is None else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1\r\nHost: localhost:{server.port}".encode(),
        b"Connection: close",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(content),
        *headers,
    ]
    status, found, answer = send(server, b"\r\n".join(lines) + b"\r\n\r\n" + content)
    return status, found, json.loads(answer or b"null")


def signed_up(server: Installation) -> str:
    name = f"p-{secrets.token_hex(6)}"
    body = {
        "email": f"{name}@example.org",
        "username": name,
        "password": PASSWORD,
        "birthdate": "1990-05-17",
    }
    status, _, account = request(server, "POST", "/auth/signup", body=body)
    assert status == 201, account
    return name


def logged_in(server: Installation, name: str, *headers: bytes) -> bytes:
    body = {"username": name, "password": PASSWORD}
    status, _, tokens = request(server, "POST", "/auth/token", *headers, body=body)
    assert status == 200, tokens
    return f"Authorization: Bearer {tokens['access']}".encode()


def newest_session(server: Installation, authorization: bytes) -> dict[str, object]:
    _, _, sessions = request(server, "GET", "/auth/sessions", authorization)
    newest: dict[str, object] = sessions[0]
    return newest


@pytest.mark.parametrize(
    "headers",
    [
        (b"X-Forwarded-For: 192.0.2.1", b"X_Forwarded_For: 198.51.100.9"),
        (b"X_Forwarded_For: 198.51.100.9", b"X-Forwarded-For: 192.0.2.1"),
        (b"X-Forwarded-For: 192.0.2.1", b"X-Forwarded_For: 198.51.100.9"),
        (b"x_forwarded-for: 198.51.100.9", b"X-Forwarded-For: 192.0.2.1"),
    ],
)
def test_a_header_name_with_underscores_does_not_count_as_the_one_with_hyphens(
    server: Installation, headers: tuple[bytes, bytes]
) -> None:
    authorization = logged_in(server, signed_up(server), *headers)

    assert newest_session(server, authorization)["ip_address"] == "192.0.2.1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"X_Forwarded_Proto", b"https"),
        (b"X_Forwarded_Host", b"localhost:9"),
        (b"X_Forwarded_Port", b"9"),
    ],
)
def test_scheme_host_and_port_cannot_be_set_with_underscores(
    server: Installation, name: bytes, value: bytes
) -> None:
    _, _, body = request(server, "GET", "/", name + b": " + value)

    assert body["documentation"] == f"http://localhost:{server.port}/docs"


def test_http_1_0_needs_no_host(server: Installation) -> None:
    for method in (b"GET", b"OPTIONS"):
        status, _, _ = send(server, method + b" /healthz HTTP/1.0\r\n\r\n")
        assert status == 200


def test_http_1_1_needs_a_host(server: Installation) -> None:
    for host in (b"", b"Host:\r\n"):
        lines = b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + host + b"\r\n"

        assert send(server, lines)[0] == 400


@pytest.mark.parametrize("name", [b"Content_Type", b"Content_Length", b"X_API_Token"])
def test_no_other_header_is_read_from_a_name_with_underscores(
    server: Installation, name: bytes
) -> None:
    status, _, body = request(server, "GET", "/", name + b": 0123456789abcdef0123456789abcdef")

    assert status == 200, body


def test_a_header_with_underscores_alone_is_no_credential(server: Installation) -> None:
    authorization = logged_in(server, signed_up(server))

    status, _, _ = request(
        server, "GET", "/users/me", authorization.replace(b"Authorization", b"Authorization_")
    )

    assert status == 401


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Söre/1.0".encode(), "Söre/1.0"),
        ("Söre/1.0".encode("latin-1"), "Söre/1.0"),
        ("браузер 😀".encode(), "браузер 😀"),
    ],
)
def test_a_user_agent_outside_ascii_is_shown_as_it_was_sent(
    server: Installation, sent: bytes, stored: str
) -> None:
    authorization = logged_in(server, signed_up(server), b"User-Agent: " + sent)

    assert newest_session(server, authorization)["user_agent"] == stored


def test_an_idempotency_key_outside_ascii_is_honoured(server: Installation) -> None:
    assert server.manage("import_games", "games/catalogue/games.csv").returncode == 0
    _, _, games = request(server, "GET", "/games?page_size=1")
    authorization = logged_in(server, signed_up(server))
    key = "Idempotency-Key: ключ-1".encode()

    def play(key: bytes) -> object:
        status, _, body = request(
            server, "POST", "/playsessions", authorization, key, body={"game": games[0]["id"]}
        )
        assert status in (200, 201), body
        return body["id"]

    first = play(key)

    assert play(key) == first
    assert play("Idempotency-Key: ключ-2".encode()) != first


def test_plays_at_one_instant_each_get_their_own_response(server: Installation) -> None:
    """They share a thread and a commit."""
    assert server.manage("import_games", "games/catalogue/games.csv").returncode == 0
    _, _, games = request(server, "GET", "/games?page_size=20")
    authorization = logged_in(server, signed_up(server))

    def play(game: object, *headers: bytes) -> tuple[int, object, dict[str, object]]:
        key = b"X-Request-ID: %s" % secrets.token_hex(8).encode()
        status, answered, body = request(
            server, "POST", "/playsessions", key, *headers, body={"game": game}
        )
        assert f"X-Request-ID: {answered['x-request-id']}".encode() == key
        return status, game, body

    good = [partial(play, game["id"], authorization) for game in games]
    bad = [
        *[partial(play, 2**40, authorization), partial(play, "none", authorization)],
        partial(play, games[0]["id"]),
    ]
    for _ in range(5):
        responses = at_once([*good, *bad])
        beats = [
            partial(request, server, "POST", f"/playsessions/{body['id']}/heartbeat", authorization)
            for *_, body in responses[: len(good)]
        ]

        assert [status for status, *_ in responses] == [201] * len(good) + [400, 400, 401]
        assert all(body["game"] == game for _, game, body in responses[: len(good)])
        assert [status for status, *_ in at_once(beats)] == [204] * len(good)


def test_a_chunked_upload_gets_its_411(server: Installation) -> None:
    """The connection must not break before the client has read the answer."""
    head = (
        b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x"
        b"\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    chunk = b"%x\r\n" % 65536 + b"x" * 65536 + b"\r\n"

    for _ in range(10):
        status, _, body = send(server, head, *[chunk] * 80, b"0\r\n\r\n")

        assert status == 411
        assert b"Content-Length" in body


def test_an_upload_that_is_too_large_gets_its_413(server: Installation) -> None:
    size = 12 * 1024 * 1024
    head = (
        b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\nConnection: close\r\n\r\n" % size
    )

    for _ in range(5):
        status, _, body = send(server, head, *[b"x" * 65536] * (size // 65536))

        assert status == 413
        assert b"larger than" in body


def test_who_waits_for_permission_to_send_gets_the_answer_at_once(server: Installation) -> None:
    head = (
        b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 999999999\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )

    with socket.create_connection(("127.0.0.1", server.port), timeout=3) as connection:
        connection.sendall(head)
        received = connection.recv(65536)

    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_slow_upload_that_is_too_large_gets_its_413_early_and_is_read_on(
    server: Installation,
) -> None:
    head = (
        b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % (2 * 1024 * 1024)
    )

    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head + b" ")
        received = connection.recv(65536)
        # A connection that was closed breaks the second of these.
        for _ in range(4):
            time.sleep(DISCARD_IDLE_SECONDS * 0.6)
            connection.sendall(b" ")
        began = time.monotonic()
        rest = connection.recv(65536)

    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in received
    assert b"larger than" in received
    assert rest == b""
    assert time.monotonic() - began < DISCARD_IDLE_SECONDS + 3


def test_idle_connections_stay_open_for_longer_than_load_balancers_keep_them() -> None:
    assert KEEP_ALIVE_SECONDS > 75
