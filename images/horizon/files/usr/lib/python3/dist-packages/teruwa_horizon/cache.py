"""Memcached as Django's cache, for when it restarts."""

from django.core.cache.backends import memcached
from django.utils.functional import cached_property
from pymemcache.client.retrying import RetryingClient

# In seconds.
OPTIONS = {'connect_timeout': 1, 'timeout': 2, 'no_delay': True}


class MemcachedCache(memcached.PyMemcacheCache):
    """Raises when Memcached does not answer, and works again as soon as it does.

    pymemcache's own way is to answer "nothing there" for a second, then to ask no more for a minute. A connection that Memcached has closed is
    found out by the first use of it; the second attempt opens a new one.
    """

    @cached_property
    def _cache(self):
        options = {**OPTIONS, **self._options, 'retry_attempts': 0, 'dead_timeout': 0}
        return RetryingClient(self._class(self.client_servers, **options), attempts=2)
