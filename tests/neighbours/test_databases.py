"""Foyer behind PgBouncer, and with a Redis that wants a password, speaks TLS, or fails over."""

import os
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import requests

from tests.neighbours.load import Players, set_up_with_a_game
from tests.neighbours.servers import (
    find,
    haproxy_to_the_main_redis,
    pgbouncer,
    postgresql,
    redis_with_tls,
    watched_by_sentinel,
)
from tests.system.installation import Installation, free_port


def use(url: str, name: str) -> list[int]:
    """The statuses of what one person does from sign-up to log-out."""
    account = {
        "username": name,
        "email": f"{name}@example.org",
        "password": "ten green bottles",
        "birthdate": "1990-05-17",
    }
    with requests.Session() as client:
        signed_up = client.post(f"{url}/users", json=account, timeout=60)
        client.headers["Authorization"] = f"Bearer {signed_up.json()['access']}"
        repository = {"url": "https://github.com/octocat/hello-world"}
        steps = [
            ("GET", "/users/me", None),
            ("PATCH", "/users/me", {"first_name": "Ada"}),
            ("GET", "/games", None),
            ("GET", "/auth/sessions", None),
            ("POST", "/api/repos/create", repository),
            ("DELETE", "/auth", None),
            ("GET", "/users/me", None),
        ]
        rest = [
            client.request(method, url + path, json=body, timeout=60).status_code
            for method, path, body in steps
        ]
    return [signed_up.status_code, *rest]


ALL_WENT_WELL = [201, 200, 200, 200, 200, 200, 204, 401]


def test_pgbouncer_in_transaction_mode_serves_more_clients_than_it_has_connections(
    tmp_path: Path,
) -> None:
    with postgresql(tmp_path) as database, pgbouncer(tmp_path, database) as pool:
        data_dir = tmp_path / "foyer"
        data_dir.mkdir()
        outcome = Installation(data_dir, DATABASE_URL=database.url).manage("setup")
        assert outcome.returncode == 0, outcome.stderr

        pooled = f"postgresql://postgres@127.0.0.1:{pool}/postgres"
        foyer = Installation(data_dir, DATABASE_URL=pooled, WEB_WORKERS="2")
        with foyer.running("run_web"), ThreadPoolExecutor(12) as people:
            results = list(people.map(lambda n: use(foyer.url, f"person-{n}"), range(48)))
        report = foyer.manage("doctor").stdout

        assert results == [ALL_WENT_WELL] * 48
        assert "No limit for statements and locks: a pooler drops them." in report


def test_limits_given_to_the_role_hold_behind_pgbouncer(tmp_path: Path) -> None:
    with postgresql(tmp_path) as database, pgbouncer(tmp_path, database) as pool:
        sql = "ALTER ROLE postgres SET statement_timeout = '30s'"
        database.run("psql", "-d", database.url, "-c", sql)
        data_dir = tmp_path / "foyer"
        data_dir.mkdir()
        assert Installation(data_dir, DATABASE_URL=database.url).manage("setup").returncode == 0

        pooled = f"postgresql://postgres@127.0.0.1:{pool}/postgres"
        report = Installation(data_dir, DATABASE_URL=pooled).manage("doctor").stdout

        assert "No limit for statements" not in report


def test_redis_with_a_password_and_tls(tmp_path: Path) -> None:
    openssl = find("openssl", "Debian: apt install openssl")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    request = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost")
    files = ("-out", str(certificate), "-keyout", str(key))
    name = ("-addext", "subjectAltName=IP:127.0.0.1")
    command = [openssl, "req", *request, *files, *name]
    subprocess.run(command, check=True, capture_output=True)
    data_dir = tmp_path / "foyer"
    data_dir.mkdir()

    with redis_with_tls(tmp_path, password="open sesame", certificate=certificate, key=key) as port:
        address = f"127.0.0.1:{port}/0"
        trusted = f"{address}?ssl_ca_certs={certificate}"
        foyer = Installation(data_dir, REDIS_URL=f"rediss://:open%20sesame@{trusted}")
        assert foyer.manage("setup").returncode == 0
        assert "Redis responds." in foyer.manage("doctor").stdout
        with foyer.running("run_web"):
            assert use(foyer.url, "ada") == ALL_WENT_WELL

        # Without the certificate or with another password it is not used, and doctor says why.
        for url, reason in {
            f"rediss://:open%20sesame@{address}": "CERTIFICATE_VERIFY_FAILED",
            f"rediss://:closed@{trusted}": "invalid username-password pair",
        }.items():
            other = Installation(data_dir, REDIS_URL=url)
            assert reason in other.manage("doctor").stdout
            with other.running("run_web"):
                assert use(other.url, reason[:9].lower().replace(" ", "-")) == ALL_WENT_WELL


def test_valkey_behind_sentinel_fails_over_and_no_ended_session_comes_back(tmp_path: Path) -> None:
    """The address that Foyer knows is that of HAProxy, which asks each server for its role."""
    ports = [free_port(), free_port()]
    data_dir = tmp_path / "foyer"
    data_dir.mkdir()
    with (
        watched_by_sentinel(tmp_path, ports) as processes,
        haproxy_to_the_main_redis(tmp_path, ports) as address,
    ):
        url = f"redis://127.0.0.1:{address}/0"
        foyer = Installation(data_dir, REDIS_URL=url, WEB_WORKERS="2")
        set_up_with_a_game(foyer)
        with foyer.running("run_web"), Players(foyer) as load:
            load.wait_for(10)
            ended = _sign_up_and_read(foyer.url, "ended")
            # Received by the replica or not: from here on it hears of nothing.
            os.kill(processes[1], signal.SIGSTOP)
            _log_out(foyer.url, ended)
            os.kill(processes[0], signal.SIGKILL)
            os.kill(processes[1], signal.SIGCONT)
            _wait_until_main(ports[1])
            load.wait_for(20)
            after_failover = [_read(foyer.url, ended) for _ in range(20)]
            back = "Redis responds." in foyer.manage("doctor").stdout

    assert set(load.responses) == {201}
    assert set(after_failover) == {401}
    assert back


def _sign_up_and_read(url: str, name: str) -> str:
    """The token of a session that is in the cache."""
    account = {
        "username": name,
        "email": f"{name}@example.org",
        "password": "ten green bottles",
        "birthdate": "1990-05-17",
    }
    token: str = requests.post(f"{url}/users", json=account, timeout=60).json()["access"]
    assert [_read(url, token) for _ in range(20)] == [200] * 20
    return token


def _read(url: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{url}/users/me", headers=headers, timeout=60).status_code


def _log_out(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.delete(f"{url}/auth", headers=headers, timeout=60).status_code == 204


def _wait_until_main(port: int) -> None:
    """Asks on a new connection each time: Sentinel ends those that are there when it promotes."""
    deadline = time.monotonic() + 60
    while True:
        with (
            suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", port), timeout=60) as server,
        ):
            server.sendall(b"INFO replication\r\n")
            if b"role:master" in server.recv(65536):
                return
        assert time.monotonic() < deadline
        time.sleep(0.2)
