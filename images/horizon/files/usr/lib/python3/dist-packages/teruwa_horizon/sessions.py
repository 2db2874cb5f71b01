"""Sessions in the cache, of which the end is known."""

from django.contrib.sessions.backends import cache


class SessionStore(cache.SessionStore):
    # Whether the browser came with a session that is no more.
    ended = False

    def load(self):
        # Django's takes a cache that does not answer for a session that is no more, and has the browser forget it.
        data = self._cache.get(self.cache_key) if self.session_key else None
        if data is not None:
            return data
        self.ended = self.session_key is not None
        self._session_key = None
        return {}

    def get_expire_at_browser_close(self):
        """The cookie outlives the session, so that a browser that comes back late is told that it ended."""
        return True
