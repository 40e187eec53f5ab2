"""The device that a request comes from."""

from django.http import HttpRequest
from rest_framework.request import Request

from core.client_ip import client_ip
from core.headers import header_text
from users.sessions.services import Device


def device_of(request: HttpRequest | Request) -> Device:
    http_request = request._request if isinstance(request, Request) else request
    return Device(
        ip_address=client_ip(http_request),
        user_agent=header_text(http_request, "User-Agent") or "",
    )
