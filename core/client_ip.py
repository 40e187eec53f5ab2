"""The address of the client."""

from ipaddress import ip_address

from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The client's IP address, or None where it is not known (a Unix socket).

    `api.middleware.forwarded` has put there what the trusted proxies say.
    """
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
