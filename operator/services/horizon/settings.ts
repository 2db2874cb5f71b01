import { backingHost } from '../../model/backing.ts'
import { serviceHost } from '../../model/scope.ts'
import { backupOf } from '../cinder/backends.ts'
import { DEFAULT_DOMAIN } from '../context.ts'
import type { Context } from '../context.ts'
import { isSelfService } from '../neutron/mode.ts'
import { policyCopies } from './policies.ts'

/** A value that JSON and Python have both. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Horizon's own default of POLICY_DIRS. */
const imagePolicyDirs = { compute: ['nova_policy.d'], volume: ['cinder_policy.d'] }

/** Settings of Django and Horizon by name. The image reads them from JSON, so that no value of the CR becomes a line of Python. */
export function settings(c: Context): Readonly<Record<string, Json>> {
  const { scope } = c
  const { horizon, neutron } = scope.spec.services
  const url = new URL(scope.publicUrl('horizon-web'))
  const https = url.protocol === 'https:'
  const routed = isSelfService(scope)
  return {
    SECRET_KEY: c.credential('horizon.secret-key'),
    DEBUG: false,
    // The last one is for `kubectl port-forward`.
    ALLOWED_HOSTS: [...new Set([url.hostname, ...horizon.allowedHosts, 'horizon-web', serviceHost(scope, 'horizon-web'), 'localhost'])],
    WEBROOT: '/',
    OPENSTACK_KEYSTONE_URL: `${scope.internalUrl('keystone-api')}/v3`,
    // What a person reads and downloads (API access, openrc) names public endpoints; Horizon itself takes the internal ones.
    OPENSTACK_ENDPOINT_TYPE: 'internalURL',
    OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT: true,
    OPENSTACK_KEYSTONE_DEFAULT_DOMAIN: DEFAULT_DOMAIN,
    OPENSTACK_KEYSTONE_DEFAULT_ROLE: 'member',
    OPENSTACK_API_VERSIONS: { identity: 3, image: 2, volume: 3 },
    SESSION_TIMEOUT: horizon.sessionTimeoutMinutes * 60,
    CACHES: {
      default: {
        BACKEND: 'teruwa_horizon.cache.MemcachedCache',
        LOCATION: backingHost(scope, 'memcached'),
      },
    },
    SESSION_COOKIE_HTTPONLY: true,
    SESSION_COOKIE_SAMESITE: 'Lax',
    SESSION_COOKIE_SECURE: https,
    CSRF_COOKIE_SECURE: https,
    // Behind a proxy that ends TLS: it says by this header what the browser spoke, and Django compares the referrer's host with these.
    ...(https ? { SECURE_PROXY_SSL_HEADER: ['HTTP_X_FORWARDED_PROTO', 'https'], CSRF_TRUSTED_ORIGINS: [url.host] } : {}),
    OPENSTACK_NEUTRON_NETWORK: {
      enable_router: routed,
      enable_fip_topology_check: routed,
      enable_ha_router: false,
      enable_distributed_router: false,
      enable_quotas: true,
      enable_rbac_policy: true,
      enable_ipv6: true,
      supported_vnic_types: ['*'],
      physical_networks: neutron.physicalNetworks.map(({ name }) => name),
    },
    POLICY_DIRS: { ...imagePolicyDirs, ...Object.fromEntries(policyCopies(c).map(({ horizonName, directories }) => [horizonName, directories])) },
    // Horizon would make every image public, which only an administrator may.
    CREATE_IMAGE_DEFAULTS: { image_visibility: 'private' },
    // A server boots from its image unless somebody asks for a volume, which Horizon offers where the catalogue has a Cinder.
    LAUNCH_INSTANCE_DEFAULTS: { create_volume: false },
    OPENSTACK_CINDER_FEATURES: { enable_backup: backupOf(scope.spec) !== undefined },
    TIME_ZONE: 'UTC',
    ...ownSettings(horizon.settings),
  }
}

/** The CR's own settings. Throws where a value is no JSON. */
function ownSettings(declared: Readonly<Record<string, string>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, text]) => {
      try {
        return [name, JSON.parse(text) as Json]
      } catch (error) {
        throw new TypeError(
          `services.horizon.settings.${name}: ${text} is no JSON: write a string in double quotes, a number, true, false, a list or an object`,
          { cause: error },
        )
      }
    }),
  )
}
