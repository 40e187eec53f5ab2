"""Django's middleware of browser sessions, for the admin alone.

The API knows no cookies (ASVS 5.0.0 §3.5.1), so that nothing that a browser sends along by itself
can act in it, and its calls need not pay for what they do not use.
"""

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import csrf


class AdminOnlyMixin:
    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/admin/"):
            return super().__call__(request)  # type: ignore[misc,no-any-return]  # a mixin
        return self.get_response(request)  # type: ignore[no-any-return]


class SessionMiddleware(AdminOnlyMixin, sessions.SessionMiddleware):
    pass


class CsrfViewMiddleware(AdminOnlyMixin, csrf.CsrfViewMiddleware):
    def process_view(self, request: HttpRequest, *view: Any) -> Any:
        if request.path_info.startswith("/admin/"):
            return super().process_view(request, *view)
        return None


class AuthenticationMiddleware(AdminOnlyMixin, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(AdminOnlyMixin, messages.MessageMiddleware):
    pass
