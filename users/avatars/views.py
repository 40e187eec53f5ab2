"""`GET /avatars/{name}`: the pictures, from whichever storage they lie in."""

import logging

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework import status
from rest_framework.response import Response

from api.bodies.parsers import StrictMultiPartParser
from api.description.schema import raises
from api.errors.responses import error_response
from api.preconditions import conditional_response
from api.read_only_view import ReadOnlyView
from api.views import ApiView
from users.avatars import schema
from users.avatars.sandbox import NotAnAvatar, TooManyAtOnce
from users.avatars.serializers import AvatarUploadSerializer
from users.avatars.services import path_in_storage, replace_avatar, set_avatar
from users.profiles.serializers import FullUserSerializer
from users.sessions.authentication import SignedInRequest

_log = logging.getLogger("foyer.avatars")

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


class AvatarFileView(ReadOnlyView):
    """Open to everyone: who knows the name was shown it. A name never means another picture."""

    openapi = schema.AVATAR_FILE

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
        return conditional_response(request, picture)


@schema.avatar
class AvatarView(ApiView):
    request: SignedInRequest
    parser_classes = (StrictMultiPartParser,)

    @raises(NotAnAvatar, TooManyAtOnce)
    def put(self, request: SignedInRequest) -> Response:
        incoming = AvatarUploadSerializer(data=request.data)
        incoming.is_valid(raise_exception=True)
        set_avatar(user=request.user, upload=incoming.validated_data["avatar"])
        return Response(FullUserSerializer(request.user, context={"request": request}).data)

    def delete(self, request: SignedInRequest) -> Response:
        replace_avatar(user=request.user, picture=None)
        return Response(status=status.HTTP_204_NO_CONTENT)
