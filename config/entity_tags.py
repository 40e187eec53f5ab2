"""`ETag` on reads, and `304` for a client that has the answer already (RFC 9110 §13)."""

import hashlib
from typing import Any

from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class EntityTags(APIView):
    """A view whose successful reads carry a strong `ETag` of what they answer.

    The `Link` header counts too: a page that has become followed by another one is a new answer.
    """

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            response["Cache-Control"] = "no-cache"
            response.add_post_render_callback(lambda rendered: _tagged(request, rendered))
        return response


def _tagged(request: Request, response: Any) -> Any:
    digest = hashlib.blake2b(response.content, digest_size=16)
    digest.update(response.headers.get("Link", "").encode())
    response["ETag"] = f'"{digest.hexdigest()}"'
    return get_conditional_response(request._request, etag=response["ETag"], response=response)
