"""The WSGI application, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

from operations.serving.request_buffering import buffer_request_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = buffer_request_bodies(get_wsgi_application())
