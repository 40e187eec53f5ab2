"""Parts of URLs."""

from django.urls.converters import UUIDConverter


class SessionIdConverter(UUIDConverter):
    """The id of a session in either case (RFC 9562 §4): Swift writes UUIDs in capitals."""

    regex = f"(?i:{UUIDConverter.regex})"
