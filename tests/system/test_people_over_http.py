"""What only a real server with several processes shows: races for a name, uploads that are too
large, answers that stream (goals: G14, G29)."""

import io
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from operations.serving.asgi import DISCARD_BYTES
from tests.system.installation import Installation
from tests.users.avatars import sample_pictures as samples

PASSWORD = "correct horse battery staple"
CLIENTS = 16
# What the kernels on both sides take beyond what Foyer reads.
SOCKET_BUFFERS = 16 * 2**20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("people"), RATE_LIMIT_RESET="off")
    outcome = installation.manage("migrate", "--verbosity", "0")
    assert outcome.returncode == 0, outcome.stderr
    with installation.running("run_web"):
        yield installation


def at_once(call: Callable[[int], requests.Response]) -> list[requests.Response]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(call, range(CLIENTS)))


def signed_up(server: Installation, name: str) -> tuple[int, dict[str, str]]:
    body = {"email": f"{name}@example.org", "username": name, "password": PASSWORD}
    answer = requests.post(f"{server.url}/auth/signup", json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], {"Authorization": f"Bearer {answer.json()['access']}"}


def files_of(server: Installation) -> list[Path]:
    return [path for path in (server.data_dir / "media").rglob("*") if path.is_file()]


class TestRaces:
    @pytest.mark.parametrize("endpoint", ["/users", "/auth/signup", "/user"])
    @pytest.mark.parametrize("contested", ["email", "username"])
    def test_races_for_a_name_have_one_winner(
        self, server: Installation, endpoint: str, contested: str
    ) -> None:
        name = f"{contested}{endpoint.replace('/', '-')}"

        def sign_up(number: int) -> requests.Response:
            body = {
                "email": f"{name}{number}@example.org",
                "username": f"{name}.{number}",
                "password": PASSWORD,
                "birthdate": "1990-05-17",
            }
            # The same name, written in different cases.
            same = {"email": f"{name}@example.org", "username": name}[contested]
            body[contested] = same.upper() if number % 2 else same
            return requests.post(f"{server.url}{endpoint}", json=body, timeout=60)

        answers = at_once(sign_up)

        assert sorted(answer.status_code for answer in answers) == [201] + [400] * (CLIENTS - 1)
        for answer in answers:
            if answer.status_code == 400:
                assert [error["attr"] for error in answer.json()["errors"]] == [contested]

    def test_races_for_an_organizations_name_have_one_winner(self, server: Installation) -> None:
        _, headers = signed_up(server, "founder")

        answers = at_once(
            lambda number: requests.post(
                f"{server.url}/organizations",
                json={"name": "SOCIETY" if number % 2 else "Society"},
                headers=headers,
                timeout=60,
            )
        )

        assert sorted(answer.status_code for answer in answers) == [201] + [400] * (CLIENTS - 1)

    def test_races_of_pictures_leave_one_file(self, server: Installation) -> None:
        _, headers = signed_up(server, "model")
        photo = samples.phone_photo()
        before = len(files_of(server))

        answers = at_once(
            lambda _: requests.put(
                f"{server.url}/users/me/avatar",
                files={"avatar": ("me.jpg", photo)},
                headers=headers,
                timeout=60,
            )
        )

        # Who finds too many waiting is told when to come back.
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert any(answer.ok for answer in answers)
        assert all("Retry-After" in answer.headers for answer in answers if not answer.ok)
        assert len(files_of(server)) == before + 1
        url = requests.get(f"{server.url}/users/me", headers=headers, timeout=10).json()["avatar"]
        picture = requests.get(url, timeout=10)
        assert Image.open(io.BytesIO(picture.content)).size == (200, 150)

    def test_races_of_deleting_and_editing_leave_nothing(self, server: Installation) -> None:
        before = len(files_of(server))
        photo = samples.phone_photo()
        for round_number in range(3):
            user_id, headers = signed_up(server, f"leaver{round_number}")
            mine = f"{server.url}/users/me"

            def call(number: int, mine: str = mine, headers: Any = headers) -> requests.Response:
                if number == CLIENTS // 2:
                    return requests.delete(mine, headers=headers, timeout=60)
                if number % 3:
                    body = {"first_name": f"{number}"}
                    return requests.patch(mine, json=body, headers=headers, timeout=60)
                return requests.put(
                    f"{mine}/avatar", files={"avatar": photo}, headers=headers, timeout=60
                )

            answers = at_once(call)

            assert {answer.status_code for answer in answers} <= {200, 204, 401, 404, 503}
            assert all(
                answer.status_code != 503 or "Retry-After" in answer.headers for answer in answers
            )
            stats = requests.get(f"{server.url}/users/stats", timeout=10).json()
            assert user_id not in stats["user_ids"]
        assert len(files_of(server)) == before


@pytest.fixture(scope="module")
def headers(server: Installation) -> dict[str, str]:
    return signed_up(server, "uploader")[1]


class TestUploads:
    @pytest.mark.parametrize(
        "kind", ["multipart/form-data; boundary=x", "application/json", "text/csv", "image/jpeg"]
    )
    def test_uploads_of_300_mebibytes_are_refused_while_they_arrive(
        self, server: Installation, headers: dict[str, str], kind: str
    ) -> None:
        written_before = sum(path.stat().st_size for path in server.data_dir.rglob("*"))
        head = (
            f"PUT /users/me/avatar HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
            f"Authorization: {headers['Authorization']}\r\nContent-Length: {300 * 2**20}\r\n\r\n"
        )

        sent, answer = _sent_until_refused(server.port, head, b"x" * 2**20, pieces=300)

        assert answer.startswith(b"HTTP/1.1 413 ")
        assert sent < DISCARD_BYTES + SOCKET_BUFFERS
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["code"] == "too_large"
        written = sum(path.stat().st_size for path in server.data_dir.rglob("*"))
        assert written - written_before < 64 * 1024

    def test_uploads_of_unknown_length_are_refused(
        self, server: Installation, headers: dict[str, str]
    ) -> None:
        head = (
            "PUT /users/me/avatar HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n"
            f"Authorization: {headers['Authorization']}\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"100000\r\n" + b"x" * 2**20 + b"\r\n"

        sent, answer = _sent_until_refused(server.port, head, chunk, pieces=300)

        assert answer.startswith(b"HTTP/1.1 411 ")
        assert sent < DISCARD_BYTES + SOCKET_BUFFERS

    def test_uploads_by_an_ordinary_client_see_the_refusal(
        self, server: Installation, headers: dict[str, str]
    ) -> None:
        answer = requests.put(
            f"{server.url}/users/me/avatar",
            files={"avatar": bytes(40 * 2**20)},
            headers=headers,
            timeout=30,
        )

        assert answer.status_code == 413
        assert "larger than 10 MiB" in answer.json()["error"]

    def test_uploads_leave_the_rest_of_the_service_responsive(
        self, server: Installation, headers: dict[str, str]
    ) -> None:
        heavy = samples.encoded(samples.quadrants(8_000, 6_250), "JPEG", progressive=True)
        slowest = 0.0
        with ThreadPoolExecutor(8) as pool:
            uploads = [
                pool.submit(
                    requests.put,
                    f"{server.url}/users/me/avatar",
                    files={"avatar": heavy},
                    headers=headers,
                    timeout=60,
                )
                for _ in range(8)
            ]
            while not all(upload.done() for upload in uploads):
                started = time.monotonic()
                requests.get(f"{server.url}/games", timeout=30)
                slowest = max(slowest, time.monotonic() - started)

        assert {upload.result().status_code for upload in uploads} <= {200, 503}
        # Generous: the machine of a test has other things to do.
        assert slowest < 5


def _sent_until_refused(port: int, head: str, piece: bytes, *, pieces: int) -> tuple[int, bytes]:
    """Bytes of the body that got through before the connection was closed, and the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(head.encode())
        # An honest client waits a moment for a refusal; a hostile one does not.
        time.sleep(0.3)
        answer = client.recv(65_536)
        sent = 0
        try:
            for _ in range(pieces):
                client.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
    return sent, answer


class TestStatistics:
    def test_stream_with_the_right_type(self, server: Installation) -> None:
        signed_up(server, "counted")

        answer = requests.get(f"{server.url}/users/stats", timeout=10)

        body = answer.json()
        assert answer.headers["Content-Type"] == "application/json"
        assert len(body["user_ids"]) == sum(
            body[f"count_{gender}"] for gender in ("female", "male", "unspecified")
        )
        head = requests.head(f"{server.url}/users/stats", timeout=10)
        assert (head.status_code, head.content) == (200, b"")
