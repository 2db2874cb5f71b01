import { mergeIni } from '../../config/ini.ts'
import type { Ini } from '../../config/ini.ts'
import { backingHost, certificateFiles } from '../../model/backing.ts'
import { broker, connectedToBroker, privsep } from '../context.ts'
import type { Scope } from '../../model/scope.ts'
import type { Context } from '../context.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'
import { backendFiles, backendSections, backupOf, backupWorkload, cephPath, HOST, privsepSections, volumeWorkload } from './backends.ts'
import { backendSteps } from './steps.ts'

const conf = (c: Context) => c.file('cinder.conf', '/etc/cinder/cinder.conf')
const state = [
  { path: '/var/lib/cinder', source: { kind: 'scratch' } },
  { path: '/tmp', source: { kind: 'scratch' } },
] as const

/** Cinder: volumes, in backends that somebody else runs. */
export const cinder: ServiceDefinition<typeof api> = {
  ...api,
  catalog: [{ type: 'volumev3', app: 'cinder-api', path: '/v3', description: 'Block Storage' }],
  databases: ['cinder'],
  messaging: true,
  keystoneUser: true,
  policies: {},
  config: (c) => ({ 'cinder.conf': cinderConf(c), ...backendFiles(c.scope) }),
  schema: (c) =>
    c.process({ image: 'cinder', args: ['cinder-manage', 'db', 'sync'], files: [conf(c)], directories: state }, { requests: { cpu: '50m', memory: '128Mi' } }),
  steps: backendSteps,
  workloads: (spec) => [
    {
      part: 'api',
      needs: ['cinder/messaging', 'etcd'],
      process: (c) =>
        c.api({
          script: { zed: '/usr/bin/cinder-wsgi' },
          // Two, since one that waits for a volume service would keep Nova waiting.
          processes: 2,
          threads: 1,
          health: '/healthcheck',
          files: [conf(c)],
          directories: state.slice(0, 1),
        }),
    },
    {
      part: 'scheduler',
      needs: ['cinder/messaging'],
      process: (c) =>
        c.process(
          {
            image: 'cinder',
            args: ['cinder-scheduler', '--config-file=/etc/cinder/cinder.conf'],
            files: [conf(c)],
            directories: state,
            ready: { exec: connectedToBroker(c.scope) },
          },
          { requests: { cpu: '50m', memory: '128Mi' } },
        ),
    },
    ...spec.services.cinder.backends.map(volumeWorkload),
    ...backupWorkload(spec),
  ],
}

function cinderConf(c: Context): Ini {
  const { scope } = c
  const [first] = scope.spec.services.cinder.backends
  return mergeIni(c.common(), broker(scope, 'cinder'), c.authToken(), c.policy(), privsep('/etc/cinder/cinder.conf', privsepSections), backendSections(scope), {
    DEFAULT: {
      host: HOST,
      auth_strategy: 'keystone',
      state_path: '/var/lib/cinder',
      glance_api_servers: scope.internalUrl('glance-api'),
      default_volume_type: first?.name,
      rootwrap_config: '/etc/cinder/rootwrap.conf',
      ...backups(c),
    },
    database: { connection: c.database('cinder') },
    coordination: { backend_url: coordinationUrl(scope) },
    // Nova hears of volumes that have grown while they are attached.
    nova: { ...c.login(), interface: 'internal' },
    service_user: { ...c.login(), send_service_user_token: true },
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
