"""Horizon's entry point, with the policies read before the first request: of several at once some would see fewer panels while one of them reads them."""

import os

from django.core.wsgi import get_wsgi_application

os.environ['DJANGO_SETTINGS_MODULE'] = 'openstack_dashboard.settings'
application = get_wsgi_application()

# Only now: it needs Django's settings.
from openstack_auth import policy  # noqa: E402

policy._get_enforcer()
