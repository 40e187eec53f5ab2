"""The base of every view of the API."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet


class ApiView(APIView):
    """A call for somebody who is logged in, but for `open_methods`.

    Calls open to everyone do not look at credentials, valid or not.
    """

    open_methods: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A wrong method is 405 for everybody, before anybody is asked who they are."""
        if not hasattr(self, str(request.method).lower()):
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """What was answered to one person, tokens above all, is kept by no cache."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if not (self._is_open() and request.method in SAFE_METHODS):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if self._is_open() else super().get_authenticators()

    def get_permissions(self) -> Sequence[Any]:
        return [] if self._is_open() else super().get_permissions()

    def _is_open(self) -> bool:
        # The schema is drawn without requests.
        request: Request | None = getattr(self, "request", None)
        return request is not None and request.method in self.open_methods


class OpenView(ApiView):
    """Calls open to everyone."""

    authentication_classes = ()
    permission_classes = ()

    def _is_open(self) -> bool:
        return True


class ApiViewSet(ApiView, GenericViewSet[Any]):
    """Calls on one kind of thing."""
