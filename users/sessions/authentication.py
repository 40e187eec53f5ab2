"""`Authorization: Bearer <access token>`."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from users.models import Session, User
from users.sessions.services import SessionExpired, get_session_by_access_token


class SignedInRequest(Request):
    """A request that BearerAuthentication let in; for the annotations of views."""

    user: User
    auth: Session


class BearerAuthentication(BaseAuthentication):
    """The session is looked up on every request, so a token dies with it at once."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        # Not from `request.headers`, which turns all names before the first is read.
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if not token.isascii():
            raise SessionExpired
        session = get_session_by_access_token(token.strip(), now=timezone.now())
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
