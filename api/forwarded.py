"""What the proxies in front say of a request: its client, scheme, host and port.

Each trusted proxy appends to `X-Forwarded-For` the address that it saw, and sets the others.
Of each header the entry `TRUSTED_PROXIES` from the right is believed; the client wrote the rest.
"""

import re
from ipaddress import ip_address
from typing import Any

_PORT_AT_END = re.compile(r":([0-9]{1,5})\Z")
_USUAL_PORTS = {"http": "80", "https": "443"}


def apply_forwarded_headers(environ: dict[str, Any], *, trusted_proxies: int) -> None:
    """Put what is believed where WSGI has it: REMOTE_ADDR, wsgi.url_scheme and HTTP_HOST.

    What cannot be right counts as not sent. A host is checked against ALLOWED_HOSTS later.
    """
    if not trusted_proxies:
        return
    address, scheme, host, port = (
        _entry(environ.get(f"HTTP_X_FORWARDED_{name}", ""), trusted_proxies)
        for name in ("FOR", "PROTO", "HOST", "PORT")
    )
    if address:
        # Unreadable ("unknown"): the proxy's own address would make one client of all.
        environ["REMOTE_ADDR"] = parse_address(address) or ""
    if scheme.lower() in _USUAL_PORTS:
        environ["wsgi.url_scheme"] = scheme.lower()
    if host:
        environ["HTTP_HOST"] = host
    if port and "HTTP_HOST" in environ:
        environ["HTTP_HOST"] = _with_port(environ["HTTP_HOST"], port, environ["wsgi.url_scheme"])


def parse_address(text: str) -> str | None:
    """The IP address in `192.0.2.1`, `192.0.2.1:51234`, `2001:db8::1`, `[2001:db8::1]:51234`."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # How a socket for both families shows an IPv4 client.
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _entry(header: str, trusted_proxies: int) -> str:
    entries = header.split(",")
    return entries[-min(trusted_proxies, len(entries))].strip()


def _with_port(host: str, port: str, scheme: str) -> str:
    """`host` with the port that its client used, unless it names one itself.

    The usual port of the other scheme is that of a hop behind the one that speaks TLS.
    """
    if _PORT_AT_END.search(host) or port in _USUAL_PORTS.values():
        return host
    return f"{host}:{port}" if re.fullmatch(r"[1-9][0-9]{0,4}", port) else host
