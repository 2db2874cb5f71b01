"""Horizon's URLs, and what is said when something fails."""

import sys
import traceback

from django.shortcuts import render
from django.views import defaults
from openstack_dashboard.urls import *  # noqa: F401,F403


def _of_memcached(error):
    return error is not None and any(frame.f_globals.get('__name__', '').startswith('pymemcache') for frame, _ in traceback.walk_tb(error.__traceback__))


def handler500(request):
    """Called while the error is handled: one of Memcached's, where the sessions are, passes by itself and is told as such."""
    if not _of_memcached(sys.exc_info()[1]):
        return defaults.server_error(request)
    response = render(None, 'teruwa_horizon/sessions_away.html', status=503)
    response.headers['Retry-After'] = '10'
    return response
