"""`Accept: application/json; version=1`."""

from typing import Any

from rest_framework.request import Request
from rest_framework.versioning import AcceptHeaderVersioning


class AcceptVersioning(AcceptHeaderVersioning):
    invalid_version_message = "Unknown API version; this server speaks version 1."

    def determine_version(self, request: Request, *args: Any, **kwargs: Any) -> str:
        # DRF parses a media type that names no version, too.
        if ";" not in request.accepted_media_type:
            return str(self.default_version)
        return super().determine_version(request, *args, **kwargs)
