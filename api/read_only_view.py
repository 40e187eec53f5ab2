"""The base of what is read and never written, outside of the REST API."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from api.errors.responses import error_response

METHODS = ["GET", "HEAD", "OPTIONS"]


class ReadOnlyView(View):
    """GET, HEAD and OPTIONS; any other method is refused in the API's shape.

    Exempt from CSRF protection, which would answer a POST before the 405 does: nothing here
    changes anything.
    """

    http_method_names = [method.lower() for method in METHODS]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        return csrf_exempt(super().as_view(**initkwargs))

    def options(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return JsonResponse({"methods": METHODS}, headers={"Allow": ", ".join(METHODS)})

    def http_method_not_allowed(
        self, request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponse:
        return error_response(
            405,
            "method_not_allowed",
            "This can only be read, by GET.",
            headers={"Allow": ", ".join(METHODS)},
        )
