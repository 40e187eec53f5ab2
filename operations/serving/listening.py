"""Where the web server listens: HOST and PORT."""

import errno
import socket

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def ip_address() -> str:
    """HOST as an IP address, which is what granian takes: of a name with several, such as
    `localhost`, an IPv4 one. Raises ImproperlyConfigured."""
    try:
        found = socket.getaddrinfo(_host(), settings.PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ImproperlyConfigured(
            "HOST must be an IP address or a name of this machine, such as 127.0.0.1 or 0.0.0.0,"
            f" not {settings.HOST!r}."
        ) from None
    families = {family: address[0] for family, _, _, _, address in reversed(found)}
    return str(families.get(socket.AF_INET) or families[socket.AF_INET6])


def base_url() -> str:
    host = _host()
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def _host() -> str:
    """HOST without the brackets that an IPv6 address may have."""
    return str(settings.HOST).removeprefix("[").removesuffix("]")


def require_free_port(*, shared: bool) -> None:
    """Raise ImproperlyConfigured where the web server cannot listen.

    `shared`: a port that another web server of this kind has open counts as free, as it does for
    granian, which then shares it without a word.
    """
    address = ip_address()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            probe.bind((address, settings.PORT))
        except OSError as error:
            raise ImproperlyConfigured(_reason(error, settings.HOST, settings.PORT)) from None


def _reason(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            other = port + 1 if port < 65535 else port - 1
            return f"Port {port} of {host} is in use. Choose another one: PORT={other} make run."
        case errno.EACCES:
            return f"Port {port} is reserved for root. Choose one above 1023: PORT=8000 make run."
        case errno.EADDRNOTAVAIL:
            return f"HOST={host} is no address of this machine."
        case _:
            return f"Port {port} of {host} cannot be opened: {error.strerror}."
