"""Foyer behind PgBouncer, and with a Redis that wants a password and speaks TLS."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.neighbours.servers import find, pgbouncer, postgresql, redis_with_tls
from tests.system.installation import Installation


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
        direct = f"postgresql://postgres@127.0.0.1:{database}/postgres"
        outcome = Installation(data_dir, DATABASE_URL=direct).manage("setup")
        assert outcome.returncode == 0, outcome.stderr

        pooled = f"postgresql://postgres@127.0.0.1:{pool}/postgres"
        foyer = Installation(data_dir, DATABASE_URL=pooled, WEB_WORKERS="2")
        with foyer.running("run_web"), ThreadPoolExecutor(12) as people:
            results = list(people.map(lambda n: use(foyer.url, f"person-{n}"), range(48)))
        report = foyer.manage("doctor").stdout

        assert results == [ALL_WENT_WELL] * 48
        assert "No limit for statements and locks: a pooler drops them." in report


def test_limits_given_to_the_role_hold_behind_pgbouncer(tmp_path: Path) -> None:
    psql = find("psql", "Debian: apt install postgresql-client")
    with postgresql(tmp_path) as database, pgbouncer(tmp_path, database) as pool:
        sql = "ALTER ROLE postgres SET statement_timeout = '30s'"
        connection = ("-h", "127.0.0.1", "-p", str(database), "-U", "postgres")
        subprocess.run([psql, *connection, "-c", sql], check=True, capture_output=True)
        data_dir = tmp_path / "foyer"
        data_dir.mkdir()
        direct = f"postgresql://postgres@127.0.0.1:{database}/postgres"
        assert Installation(data_dir, DATABASE_URL=direct).manage("setup").returncode == 0

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
