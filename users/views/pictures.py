"""`GET /avatars/{name}`: the pictures, from whichever storage they lie in."""

import logging

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from config.envelope import error_response
from config.read_only_view import ReadOnlyView
from users.services.avatars import path_in_storage

_log = logging.getLogger("foyer.avatars")

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


class PictureView(ReadOnlyView):
    """Open to everyone: who knows the name was shown it. A name never means another picture."""

    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        try:
            with default_storage.open(path_in_storage(name)) as file:
                content = file.read()
        except FileNotFoundError:
            return error_response(404, "not_found", "There is no picture of this name.")
        except Exception:  # noqa: BLE001  # each kind of storage fails in its own way
            _log.exception("a picture could not be read")
            return error_response(
                503,
                "unavailable",
                "Pictures cannot be read right now; try again later.",
                headers={"Retry-After": "5"},
            )
        stem, _, extension = name.partition(".")
        picture = HttpResponse(
            content,
            content_type=CONTENT_TYPES[extension],
            headers={
                "Cache-Control": "public, max-age=31536000, immutable",
                "Content-Disposition": f'inline; filename="{name}"',
                # Nothing in it is ever run, whatever a browser takes it for.
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cross-Origin-Resource-Policy": "cross-origin",
                "ETag": f'"{stem}"',
                "X-Content-Type-Options": "nosniff",
            },
        )
        return get_conditional_response(request, picture["ETag"], response=picture) or picture
