"""Who may log in to the admin, and what they may do there."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from config.client_address import client_address
from users.models import User
from users.services.credentials import WrongCredentials, require_credentials


class UsernameOrEmailBackend(ModelBackend):
    """Django's permissions; the credentials of the API, and its limits: LimitReached passes
    through."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        try:
            return require_credentials(
                username=username,
                password=password,
                address=client_address(request) if request else None,
                now=timezone.now(),
            )
        except WrongCredentials:
            return None
