"""What this image sets, then what its user sets: an object of names and values in teruwa.json.

Horizon imports this file. It swallows errors in files of local_settings.d; here, one ends the process.
"""

import json
import os
import warnings

from openstack_dashboard.settings import HORIZON_CONFIG, INSTALLED_APPS, MIDDLEWARE

# Reader, member and admin as the services know them: without it, each rule's deprecated alternative counts as well, and with that any role in a
# project may do everything. oslo.policy reads this variable.
os.environ.setdefault('OS_OSLO_POLICY__ENFORCE_NEW_DEFAULTS', 'true')

STATIC_ROOT = '/var/lib/openstack-dashboard/static/'
COMPRESS_OFFLINE = True

ROOT_URLCONF = 'teruwa_horizon.urls'
SESSION_ENGINE = 'teruwa_horizon.sessions'
HORIZON_CONFIG['customization_module'] = 'teruwa_horizon.overrides'
INSTALLED_APPS = [*INSTALLED_APPS, 'teruwa_horizon']
MIDDLEWARE = list(MIDDLEWARE)
MIDDLEWARE.insert(MIDDLEWARE.index('django.contrib.sessions.middleware.SessionMiddleware') + 1, 'teruwa_horizon.middleware.tell_session_ended')

LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'formatters': {'line': {'format': '%(asctime)s %(process)d %(levelname)s %(name)s %(message)s'}},
    'handlers': {'stderr': {'class': 'logging.StreamHandler', 'formatter': 'line'}, 'none': {'class': 'logging.NullHandler'}},
    'root': {'handlers': ['stderr'], 'level': 'WARNING'},
    'loggers': {
        # Who logged in, and who could not.
        'openstack_auth': {'level': 'INFO'},
        'horizon.operation_log': {'level': 'INFO'},
        'django': {'handlers': ['stderr'], 'level': 'WARNING', 'propagate': False},
        'oslo_policy': {'level': 'ERROR'},
        # A line for each image format of Horizon's that Glance is not told to take, with each list of images.
        'openstack_dashboard.api.glance': {'level': 'ERROR'},
    },
}

# Of libraries about each other, for their developers.
warnings.filterwarnings('ignore')

with open('/etc/openstack-dashboard/teruwa.json', encoding='utf-8') as file:
    globals().update(json.load(file))
