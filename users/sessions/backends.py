"""Who may log in to the admin, and what they may do there."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from core.client_ip import client_ip
from core.email_addresses import canonical_email_if_possible
from core.text import strip_invisible
from users.models import User
from users.sessions.credentials import InvalidCredentials, authenticate_by_password


class UsernameOrEmailBackend(ModelBackend):
    """Django's permissions; the credentials of the API, the second factor included, and its limits.
    What `authenticate_by_password` raises passes through, but for InvalidCredentials."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        otp: str | None = None,
        **credentials: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        try:
            return authenticate_by_password(
                username=canonical_email_if_possible(strip_invisible(username)),
                password=password,
                otp=otp,
                address=client_ip(request) if request else None,
                now=timezone.now(),
            )
        except InvalidCredentials:
            return None
