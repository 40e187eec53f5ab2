"""A real nginx with the configuration of deploy/nginx, in front of an installation."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.system.installation import PROJECT, free_port

needs_nginx = pytest.mark.skipif(
    shutil.which("nginx") is None, reason="needs nginx (Debian: apt install nginx-light)"
)

# Started by root, its workers would be of another user, whom pytest's folders are closed to.
_MAIN = """
user root;
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/foyer.conf;
}}
"""


class Nginx:
    """`http` and `https` are its addresses; both lead to the upstream at `port`."""

    def __init__(self, folder: Path, *, port: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        ports = free_port(), free_port()
        self.http = f"http://localhost:{ports[0]}"
        self.https = f"https://localhost:{ports[1]}"
        self.certificate = folder / "certificate.pem"
        write_certificate(self.certificate, folder / "key.pem")
        shipped = (PROJECT / "deploy" / "nginx" / "foyer.conf").read_text()
        for theirs, ours in {
            "${FOYER_UPSTREAM}": f"127.0.0.1:{port}",
            "    listen 80;": f"    listen 127.0.0.1:{ports[0]};",
            "    # listen 443 ssl http2;": f"    listen 127.0.0.1:{ports[1]} ssl http2;",
            "    # ssl_certificate     /etc/ssl/foyer/fullchain.pem;": (
                f"    ssl_certificate {self.certificate};"
            ),
            "    # ssl_certificate_key /etc/ssl/foyer/privkey.pem;": (
                f"    ssl_certificate_key {folder}/key.pem;"
            ),
            "/var/log/nginx/": f"{folder}/",
        }.items():
            assert theirs in shipped, theirs
            shipped = shipped.replace(theirs, ours)
        (folder / "foyer.conf").write_text(shipped)
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))

    @contextmanager
    def running(self) -> Iterator["Nginx"]:
        process = subprocess.Popen(
            ["nginx", "-c", self.folder / "nginx.conf", "-p", self.folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for _ in range(100):
                with suppress(requests.ConnectionError):
                    requests.get(f"{self.http}/healthz", timeout=5)
                    break
                time.sleep(0.05)
            yield self
        finally:
            process.terminate()
            process.wait(timeout=10)


def write_certificate(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
