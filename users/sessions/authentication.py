"""`Authorization: Bearer <access token>`."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
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
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            session = get_session_by_access_token(token.strip().decode("ascii"), now=timezone.now())
        except UnicodeDecodeError as error:
            raise SessionExpired from error
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
