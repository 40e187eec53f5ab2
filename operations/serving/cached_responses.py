"""Cached responses without a thread: handing a request over to one and back takes as long as all
the rest of a cached response."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from api.response_cache import CacheMiss, only_cached

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

RESPONSE_CACHE = "api.response_cache.response_cache"


def find_cached_response() -> "Callable[[WSGIEnvironment], HttpResponseBase] | None":
    """A function that returns the cached response to a request, or raises CacheMiss. None where the
    database is asked for its version by a query, which an event loop must not wait for."""
    if connection.vendor != "sqlite":
        return None
    respond: Callable[[HttpRequest], HttpResponseBase] = only_cached
    # Those in front of the cache: whatever is behind it, is in the cached response.
    outer = settings.MIDDLEWARE[: settings.MIDDLEWARE.index(RESPONSE_CACHE)]
    for path in reversed(outer):
        respond = import_string(path)(respond)

    def find(environ: "WSGIEnvironment") -> HttpResponseBase:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            raise CacheMiss
        # A copy: what the middleware changes in it, it changes again after a miss.
        return respond(WSGIRequest(dict(environ)))

    return find
