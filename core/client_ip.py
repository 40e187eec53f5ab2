"""The address of who is calling."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The caller's IP address, or None where the server knows none (a Unix socket).

    Each trusted proxy appended the address it saw to `X-Forwarded-For`, so only the last
    `TRUSTED_PROXIES` entries are to be believed; the rest was written by the client.
    """
    candidate = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        candidate = forwarded[-min(settings.TRUSTED_PROXIES, len(forwarded))].strip() or candidate
    try:
        return str(ip_address(candidate))
    except ValueError:
        return None
