"""Says on the log-in page that a session has ended."""

from django.conf import settings
from django.utils.translation import gettext as _
from horizon.utils.functions import add_logout_reason


def tell_session_ended(get_response):
    def middleware(request):
        response = get_response(request)
        # A page that asks in the background gets the way to the log-in page in a header.
        target = response.headers.get('Location') or response.headers.get('X-Horizon-Location') or ''
        # The session is looked up by whoever asks for the user; before that nothing is known.
        if getattr(request.session, 'ended', False) and settings.LOGIN_URL in target:
            add_logout_reason(request, response, _('Your session has ended. Please log in again.'), 'error')
        return response

    return middleware
