"""The WSGI application, served by granian."""

import os

from django.core.wsgi import get_wsgi_application

from config.receiving import receiving_first

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = receiving_first(get_wsgi_application())
