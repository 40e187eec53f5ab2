"""The route of a request, for logs and figures: paths hold tokens, and are endless."""

import logging

from django.http import HttpRequest


def route_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.route if match else "(no route)"


def name_route(record: logging.LogRecord) -> bool:
    """A filter of a log handler: what Django says about a request names its path."""
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
        # As django.utils.log writes it.
        path = request.path.encode("unicode_escape").decode("ascii")
        record.args = tuple(route_of(request) if arg == path else arg for arg in record.args)
    return True
