import { mergeIni } from '../../config/ini.ts'
import type { Ini } from '../../config/ini.ts'
import { backingHost, certificateFiles } from '../../model/backing.ts'
import { privsep } from '../context.ts'
import type { Scope } from '../../model/scope.ts'
import type { Context } from '../context.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'
import { keyringOf } from '../ceph.ts'
import { backendFiles, backendSections, backupOf, backupWorkload, cephOf, cephPath, HOST, privsepSections, STATE, volumeWorkload } from './backends.ts'
import { backendSteps } from './steps.ts'

/** Cinder: volumes, in backends that somebody else runs. */
export const cinder: ServiceDefinition<typeof api> = {
  ...api,
  catalog: { type: 'volumev3', path: '/v3', description: 'Block Storage' },
  messaging: true,
  state: STATE,
  policies: {},
  namedSecrets: ({ services }) => services.cinder.backends.map(cephOf).flatMap((ceph) => (ceph === undefined ? [] : [keyringOf(ceph)])),
  config: (c) => ({ 'cinder.conf': cinderConf(c) }),
  texts: (c) => backendFiles(c.scope),
  schema: (c) => c.program({ args: ['cinder-manage', 'db', 'sync'] }),
  steps: backendSteps,
  workloads: (spec) => [
    {
      part: 'api',
      needs: ['etcd'],
      process: (c) =>
        c.api({
          script: { zed: '/usr/bin/cinder-wsgi' },
          // Two, since one that waits for a volume service would keep Nova waiting.
          processes: 2,
          threads: 1,
          health: '/healthcheck',
        }),
    },
    {
      part: 'scheduler',
      process: (c) => c.daemon({ args: ['cinder-scheduler', '--config-file=/etc/cinder/cinder.conf'] }),
    },
    ...spec.services.cinder.backends.map(volumeWorkload),
    ...backupWorkload(spec),
  ],
}

function cinderConf(c: Context): Ini {
  const { scope } = c
  const [first] = scope.spec.services.cinder.backends
  return mergeIni(c.apiCommon(), privsep('/etc/cinder/cinder.conf', privsepSections), backendSections(scope), {
    DEFAULT: {
      host: HOST,
      auth_strategy: 'keystone',
      state_path: STATE,
      glance_api_servers: scope.internalUrl('glance-api'),
      default_volume_type: first?.name,
      rootwrap_config: '/etc/cinder/rootwrap.conf',
      ...backups(c),
    },
    database: { connection: c.database() },
    coordination: { backend_url: coordinationUrl(scope) },
    // Nova hears of volumes that have grown while they are attached.
    nova: { ...c.login(), interface: 'internal' },
    ...c.serviceUser(),
    oslo_concurrency: { lock_path: '/var/lib/cinder/tmp' },
  })
}

/** etcd's URL as tooz has it. */
function coordinationUrl(scope: Scope): string {
  const [authority, certificate, key] = certificateFiles(scope.spec).etcd.map(({ path }) => path)
  const options = { api_version: 'v3', ca_cert: authority, cert_cert: certificate, cert_key: key }
  const query = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  return `etcd3+${authority === undefined ? 'http' : 'https'}://${backingHost(scope, 'etcd')}?${query.join('&')}`
}

function backups({ scope }: Context): Ini[string] {
  const backup = backupOf(scope.spec)
  if (backup === undefined) return {}
  const { backend, ceph } = backup
  return {
    backup_driver: 'cinder.backup.drivers.ceph.CephBackupDriver',
    backup_ceph_conf: cephPath(backend),
    backup_ceph_user: ceph.pool.user,
    backup_ceph_pool: ceph.pool.pool,
  }
}
