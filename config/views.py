"""The base of every view of the API."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
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


class ApiViewSet(ApiView, GenericViewSet[Any]):
    """Calls on one kind of thing."""
