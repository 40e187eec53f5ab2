"""The web server as it is run: slow clients, stopping under load, killing."""

import json
import os
import secrets
import signal
import socket
import sqlite3
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

import pytest
import requests

from operations.serving.supervisor import MIN_UPTIME_SECONDS, SHUTDOWN_TIMEOUT_SECONDS
from operations.static_files import STAMP_NAME
from tests.concurrency import BackgroundClients, wait_until
from tests.system.installation import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    installation = Installation(tmp_path_factory.mktemp("installation"))
    outcome = installation.manage("migrate", "--verbosity", "0")
    assert outcome.returncode == 0, outcome.stderr
    outcome = installation.manage("import_games", "games/catalogue/games.csv")
    assert outcome.returncode == 0, outcome.stderr
    # Compressing the static files would take longer than all the rest.
    asked = "from operations.static_files import fingerprint; print(fingerprint())"
    outcome = installation.manage("shell", "--no-imports", "--command", asked)
    (installation.data_dir / "static").mkdir()
    (installation.data_dir / "static" / STAMP_NAME).write_text(outcome.stdout.strip())
    return installation


HALVES = {
    "headers": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    "body": b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 1000\r\n\r\n{"half": ',
    "upload": b"POST /users HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n--x",
}


@pytest.mark.parametrize("half", HALVES)
def test_200_half_sent_requests_hold_up_nobody(installation: Installation, half: str) -> None:
    with installation.running("run_web"), ExitStack() as held:
        for _ in range(200):
            client = held.enter_context(
                socket.create_connection(("127.0.0.1", installation.port), 10)
            )
            client.sendall(HALVES[half])
        time.sleep(0.5)

        reading = [
            requests.get(f"{installation.url}/genres", timeout=30).status_code for _ in range(20)
        ]
        writing = requests.post(f"{installation.url}/auth", json={}, timeout=30).status_code

    assert reading == [200] * 20
    assert writing == 400


class Writers(BackgroundClients):
    """Clients that store one thing after the other, each with a name, as fast as they can."""

    path: str
    stored_names: str

    def __init__(self, installation: Installation, *, clients: int = 4) -> None:
        self.installation = installation
        self.headers = {"Content-Type": "application/json"}
        self._prefix = secrets.token_hex(4)
        self.acknowledged: list[str] = []
        self.unanswered: list[str] = []
        self.refused: list[int] = []
        super().__init__(clients)

    def request_for(self, name: str) -> tuple[object, dict[str, str]]:
        """Body and headers."""
        raise NotImplementedError

    def stored(self) -> set[str]:
        with closing(sqlite3.connect(self.installation.data_dir / "foyer.sqlite3")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return {name for (name,) in database.execute(self.stored_names)}

    def wait_for(self, acknowledged: int) -> None:
        assert wait_until(lambda: len(self.acknowledged) >= acknowledged)

    def work(self, number: int) -> None:
        for attempt in range(100_000):
            if self.stopped.is_set():
                return
            self._store_once(f"{self._prefix}-{number}-{attempt}")

    def _store_once(self, name: str) -> None:
        body, headers = self.request_for(name)
        connection = HTTPConnection("127.0.0.1", self.installation.port, timeout=30)
        try:
            connection.connect()
        except ConnectionError:
            time.sleep(0.05)  # nobody listens
            return
        try:
            connection.request("POST", self.path, json.dumps(body), headers)
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException):
            self.unanswered.append(name)
        else:
            if response.status == 201:
                self.acknowledged.append(name)
            else:
                self.refused.append(response.status)
        finally:
            connection.close()


class SignUps(Writers):
    path = "/users"
    stored_names = "SELECT username FROM users_user"

    def request_for(self, name: str) -> tuple[object, dict[str, str]]:
        account = {
            "username": name,
            "email": f"{name}@example.org",
            "password": "ten green bottles",
            "birthdate": "1990-05-17",
        }
        return account, self.headers


class Plays(Writers):
    path = "/playsessions"
    stored_names = "SELECT idempotency_key FROM playsessions_playsession"

    def __enter__(self) -> Self:
        url = self.installation.url
        account, _ = SignUps(self.installation).request_for(secrets.token_hex(6))
        assert requests.post(f"{url}/users", json=account, timeout=30).status_code == 201
        tokens = requests.post(f"{url}/auth/token", json=account, timeout=30).json()
        self.headers["Authorization"] = f"Bearer {tokens['access']}"
        game = requests.get(f"{url}/games", timeout=30).json()[0]
        self.game, self.before = game["id"], game["play_count"]
        return super().__enter__()

    def request_for(self, name: str) -> tuple[object, dict[str, str]]:
        return {"game": self.game}, self.headers | {"Idempotency-Key": name}


@pytest.mark.parametrize("writers", [SignUps, Plays])
@pytest.mark.parametrize("command", ["run_web", "runall"])
def test_a_stop_under_load_finishes_what_was_begun(
    installation: Installation, command: str, writers: type[Writers]
) -> None:
    with installation.running(command) as server, writers(installation) as load:
        load.wait_for(acknowledged=10)
        started = time.monotonic()
        server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=30)
        seconds = time.monotonic() - started

    stored = load.stored()
    assert status == 0
    assert seconds < 20
    assert not load.refused
    assert set(load.acknowledged) <= stored
    # Who got no answer had not been let in: nothing of theirs was begun.
    assert not set(load.unanswered) & stored


@pytest.mark.parametrize("writers", [SignUps, Plays])
def test_a_kill_of_everything_loses_nothing_acknowledged(
    installation: Installation, writers: type[Writers]
) -> None:
    for _ in range(2):
        with installation.running("runall") as server, writers(installation) as load:
            load.wait_for(acknowledged=10)
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()

        assert set(load.acknowledged) <= load.stored()


class Readers(BackgroundClients):
    """Clients that read a game and the list of games, and compare the plays that they see with
    those that were acknowledged before they asked."""

    def __init__(self, plays: Plays, *, clients: int = 8) -> None:
        self.plays = plays
        self.reads = 0
        self.outdated: list[tuple[int, int]] = []
        super().__init__(clients)

    def work(self, number: int) -> None:
        connection = HTTPConnection("127.0.0.1", self.plays.installation.port, timeout=30)
        path = f"/games/{self.plays.game}" if number % 2 else "/games"
        with closing(connection):
            while not self.stopped.is_set():
                acknowledged = len(self.plays.acknowledged)
                connection.request("GET", path)
                found = json.loads(connection.getresponse().read())
                [game] = [
                    game
                    for game in (found if isinstance(found, list) else [found])
                    if game["id"] == self.plays.game
                ]
                if game["play_count"] < self.plays.before + acknowledged:
                    self.outdated.append((game["play_count"], acknowledged))
                self.reads += 1


def test_no_response_is_older_than_what_was_acknowledged_before_it_was_asked_for(
    installation: Installation,
) -> None:
    with installation.running("run_web"), Plays(installation) as plays, Readers(plays) as readers:
        assert wait_until(lambda: readers.reads >= 2000 and len(plays.acknowledged) >= 100)

    assert not plays.refused
    assert not readers.outdated


@pytest.mark.parametrize("command", ["run_web", "runall"])
def test_everything_ends_with_the_program_that_started_it(
    installation: Installation, command: str
) -> None:
    with installation.running(command) as server:
        server.kill()
        server.wait()

        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", installation.port)):
                    return
            time.sleep(0.1)

    pytest.fail("the port is still served")


def test_a_stop_right_after_the_start_waits_for_nobody(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(installation.environment, "WEB_WORKERS", "8")
    with installation.running("run_web") as server:  # the first of the eight answers
        server.terminate()

        assert server.wait(timeout=SHUTDOWN_TIMEOUT_SECONDS - 5) == 0


def test_a_killed_worker_is_replaced(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(installation.environment, "WEB_WORKERS", "1")
    with installation.running("run_web") as server:
        (worker,) = set(installation.processes("run_web")) - {server.pid}
        os.kill(worker, signal.SIGKILL)

        installation.wait_for_answer(server)

        assert worker not in installation.processes("run_web")


def test_a_program_that_crashed_is_started_again(installation: Installation) -> None:
    with installation.running("runall"):
        time.sleep(MIN_UPTIME_SECONDS)  # it started before it answered
        (worker,) = installation.processes("run_huey")
        os.kill(worker, signal.SIGKILL)

        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if installation.processes("run_huey") not in ([], [worker]):
                break
            time.sleep(0.1)

        assert installation.processes("run_huey") not in ([], [worker])
        assert requests.get(f"{installation.url}/healthz", timeout=5).status_code == 200


def test_a_busy_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        port = occupant.getsockname()[1]

        outcome = Installation(tmp_path, PORT=str(port)).manage("runall")

    assert outcome.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use." in outcome.stderr
    assert "Traceback" not in outcome.stderr
