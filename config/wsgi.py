"""The WSGI application; `operations.serving` serves it with granian."""

import os

from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# Of Django's receivers around each request these four have nothing to do, and take a twelfth of a
# small one: queries are noted only with DEBUG, nobody uses Django's cache, each request sets its
# urlconf itself, and what is to be closed at its beginning was closed at the end of the one before.
request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)
