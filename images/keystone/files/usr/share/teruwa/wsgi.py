"""Keystone's entry point, with the policy read before the first request: of several at once some would be refused while one of them reads it."""

from keystone.common.rbac_enforcer.enforcer import RBACEnforcer
from keystone.server.wsgi import initialize_public_application

application = initialize_public_application()
RBACEnforcer()._enforcer.load_rules()
