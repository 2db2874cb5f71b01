import type { Release } from './release.ts'

/** OpenStack Zed (2022.2), from Debian bookworm: the last Debian release that has the linuxbridge agent. */
export const zed: Release = {
  name: 'zed',
  wsgi: {
    keystone: '/usr/bin/keystone-wsgi-public',
    glance: '/usr/bin/glance-wsgi-api',
    placement: '/usr/bin/placement-api',
    nova: '/usr/bin/nova-api-wsgi',
    novaMetadata: '/usr/bin/nova-metadata-wsgi',
    neutron: '/usr/bin/neutron-api',
    horizon: '/usr/share/openstack-dashboard/wsgi.py',
    cinder: '/usr/bin/cinder-wsgi',
  },
}
