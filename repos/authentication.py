"""`X-API-Token: <32 hex>` (requirement E2)."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core.text import strip_invisible
from repos.models.token import is_token
from repos.selectors import user_with_api_token
from users.models import User


class ApiTokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, None] | None:
        token = request.headers.get("X-API-Token")
        if token is None:
            return None
        token = strip_invisible(token)
        user = user_with_api_token(token) if is_token(token) else None
        if user is None:
            raise AuthenticationFailed(
                "The X-API-Token is wrong or was replaced; get a new one with"
                " POST /api/users/token."
            )
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return 'X-API-Token realm="api", Bearer realm="api"'
