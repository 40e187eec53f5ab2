"""Starts real servers of their own for a test: PostgreSQL, PgBouncer, Redis."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.installation import free_port


def find(program: str, package: str, *places: str) -> str:
    """The path of a program. Skips the test where it is not installed."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", *places])
    if found := shutil.which(program, path=path):
        return found
    pytest.skip(f"{program} is not installed ({package})")


def as_user(name: str, command: Sequence[str]) -> list[str]:
    """The command as a user that is not root: these servers insist on that."""
    return ["runuser", "-u", name, "--", *command] if os.geteuid() == 0 else list(command)


def hand_over(folder: Path, name: str) -> None:
    """Gives a folder of pytest's to another user, who must also reach it."""
    if os.geteuid():
        return
    shutil.chown(folder, name)
    for parent in [folder, *folder.parents]:
        if parent.stat().st_uid == 0 and str(parent).startswith("/tmp/"):  # pytest's
            parent.chmod(0o755)


@contextmanager
def running(command: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    log = folder / f"{Path(command[0]).name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 30
        while True:
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(log.read_text()[-2000:])
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgresql(folder: Path) -> Iterator[int]:
    """The port of an empty PostgreSQL, whose user postgres needs no password."""
    places = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    initdb = find("initdb", "Debian: apt install postgresql", *places)
    program = str(Path(initdb).with_name("postgres"))
    hand_over(folder, "postgres")
    data, port = folder / "data", free_port()
    arguments = ("-D", str(data), "--auth=trust", "--username=postgres", "--no-sync")
    subprocess.run(as_user("postgres", [initdb, *arguments]), check=True, capture_output=True)
    settings = ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-k", str(folder))
    command = as_user("postgres", [program, "-D", str(data), "-p", str(port), *settings])
    with running(command, port, folder):
        yield port


@contextmanager
def pgbouncer(folder: Path, database_port: int) -> Iterator[int]:
    """The port of a PgBouncer in transaction mode, with five connections to the database."""
    program = find("pgbouncer", "Debian: apt install pgbouncer")
    port = free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(
        f"""\
[databases]
postgres = host=127.0.0.1 port={database_port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 500
ignore_startup_parameters = options
"""
    )
    with running(as_user("postgres", [program, "-q", str(file)]), port, folder):
        yield port


@contextmanager
def redis_with_tls(folder: Path, *, password: str, certificate: Path, key: Path) -> Iterator[int]:
    program = find("redis-server", "Debian: apt install redis-server")
    port = free_port()
    tls = ("--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    trust = ("--tls-ca-cert-file", str(certificate), "--tls-auth-clients", "no")
    rest = ("--port", "0", "--requirepass", password, "--save", "", "--dir", str(folder))
    with running([program, *tls, *trust, *rest], port, folder):
        yield port
