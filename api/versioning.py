"""`Accept: application/json; version=1`."""

from rest_framework.versioning import AcceptHeaderVersioning


class AcceptVersioning(AcceptHeaderVersioning):
    invalid_version_message = "Unknown API version; this server speaks version 1."
