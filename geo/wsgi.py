"""The WSGI application that the web server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geo.settings")
application = get_wsgi_application()
# Every view is loaded before the first request: code that cannot be loaded stops the server from
# starting, where it would be a fault to whoever comes first.
get_resolver().url_patterns  # noqa: B018 - loads them
