"""Barbican's entry point, with the policy read before the first request: of several at once some would be refused while one of them reads it."""

from barbican.api.app import get_api_wsgi_script
from barbican.common import policy

application = get_api_wsgi_script()
policy.init()
