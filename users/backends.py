"""Who may log in to the admin, and what they may do there."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from users.models import User
from users.services.credentials import user_with_credentials


class UsernameOrEmailBackend(ModelBackend):
    """Django's permissions; the credentials of the API."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        return user_with_credentials(username=username, password=password)
