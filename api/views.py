"""The base of every view of the API."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.serializer_helpers import ReturnList
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from api.request import ApiRequest
from api.response_cache import CachePolicy, Freshness


def method_not_allowed(view: APIView, request: Request) -> MethodNotAllowed:
    """Its sentence names the methods that are possible, as `Allow` does."""
    allowed = ", ".join(view.allowed_methods)
    message = f"{request.method:.20} is not possible here; possible are {allowed}."
    return MethodNotAllowed(str(request.method), message)


class ApiView(APIView):
    """A call for somebody who is logged in, but for `open_methods`.

    Calls open to everyone do not look at credentials, valid or not.
    """

    open_methods: ClassVar[frozenset[str]] = frozenset()
    _freshness: Freshness | None = None

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        return ApiRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A wrong method is 405 for everybody, before anybody is asked who they are."""
        handler = getattr(self, str(request.method).lower(), None)
        if handler is None:
            raise method_not_allowed(self, request)
        policy: CachePolicy | None = getattr(handler, "cache_policy", None)
        if policy is not None:
            # Where `response_cache` has found a response outdated.
            known_version = getattr(request._request, "database_version", None)
            self._freshness = Freshness.begin(policy, kwargs, known_version)
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Browsers and proxies store no response to one user, tokens above all, and check an open
        one that is cached here (`response_cache`) again by its `ETag`."""
        response = super().finalize_response(request, response, *args, **kwargs)
        is_public = self._is_open() and request.method in SAFE_METHODS
        if not is_public:
            response.headers.setdefault("Cache-Control", "no-store")
        if self._freshness is not None and response.status_code == 200:
            if is_public:
                response.headers["Cache-Control"] = "no-cache"
            else:
                self._freshness.restrict_to_user(request.auth)
            response.freshness = self._freshness  # type: ignore[attr-defined]  # for the middleware
        if isinstance(response, Response):
            _break_cycles(self, request, response)
        return response

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if self._is_open() else super().get_authenticators()

    def perform_authentication(self, request: Request) -> None:
        if not self._is_open():  # Nobody is asked for, so no user has to be made up.
            super().perform_authentication(request)

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


class ApiViewSet(ViewSetMixin, ApiView, GenericAPIView[Any]):
    """Calls on one kind of thing."""


class ListMixin(GenericAPIView[Any]):
    # A list in pages, without the serializers that DRF makes for each list. Without a docstring:
    # it would describe each view without one in the API description.

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.represent(page))

    def represent(self, rows: Sequence[Any]) -> Sequence[Any]:
        serializer: Any = self.get_serializer_class()  # a RowSerializer
        written: Sequence[Any] = serializer.represent(rows)
        return written


def _break_cycles(view: ApiView, request: Request, response: Response) -> None:
    """Once it is rendered. View, request, response and serializers of DRF refer to each other in
    circles: all data of a response stayed until Python's garbage collector found it, which took
    0.06 of a play's processor time and 12 MB of two workers."""
    if isinstance(response.data, ReturnList):
        response.data.serializer.child.parent = None  # type: ignore[attr-defined]  # of a list
    circles = vars(view), request.parser_context, response.renderer_context  # type: ignore[attr-defined]  # not in the stubs
    response.add_post_render_callback(partial(_clear_all, circles))


def _clear_all(dicts: Iterable[dict[str, Any]], rendered: object) -> None:
    for each in dicts:
        each.clear()
