"""`ETag` on open reads, and `304` for a client that has the answer already (RFC 9110 §13)."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response

from api.response_cache import Place
from api.views import ApiView


class ConditionalGetMixin(ApiView):
    """A view whose open reads carry a strong `ETag` of what they answer and are kept encoded.

    The `Link` header counts too: a page that has become followed by another one is a new answer.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (self._is_open() and request.method in ("GET", "HEAD")):
            return super().dispatch(request, *args, **kwargs)
        # Before anything else that DRF does for a request: an open read does not depend on it.
        self.place = Place(request)
        kept = self.place.answer()
        if kept is not None:
            return _conditional_response(request, kept)
        return super().dispatch(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            response["Cache-Control"] = "no-cache"
            response.add_post_render_callback(
                lambda rendered: self._tagged(request._request, rendered)
            )
        return response

    def _tagged(self, request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
        digest = hashlib.blake2b(response.content, digest_size=16)
        digest.update(response.headers.get("Link", "").encode())
        response["ETag"] = f'"{digest.hexdigest()}"'
        self.place.keep(response)
        return _conditional_response(request, response)


def _conditional_response(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return response
    return get_conditional_response(  # type: ignore[return-value]  # None only without a response
        request, etag=response["ETag"], response=response
    )
