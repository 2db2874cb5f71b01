import { mergeIni } from '../../config/ini.ts'
import { servicePorts } from '../../model/scope.ts'
import { persistentVolumeClaim } from '../../workloads/claim.ts'
import type { Context } from '../context.ts'
import type { ServiceDefinition } from '../definition.ts'
import { conversionOptions } from './conversion.ts'

const conf = (c: Context) => c.file('glance-api.conf', '/etc/glance/glance-api.conf')
const port = { name: 'http', port: servicePorts['glance-api'] }

/** Glance, with its images as files on a volume. */
export const glance: ServiceDefinition = {
  name: 'glance',
  catalog: [{ type: 'image', app: 'glance-api', description: 'Image' }],
  databases: ['glance'],
  keystoneUser: true,
  policies: {},
  config: (c) => ({
    'glance-api.conf': mergeIni(c.common(), c.authToken(), c.policy(), conversionOptions(c.scope.spec), {
      // Glance wants its own word for the new defaults, and does not start where the two differ.
      DEFAULT: { enabled_backends: ['file:file'], enforce_secure_rbac: true },
      database: { connection: c.database('glance') },
      paste_deploy: { flavor: 'keystone' },
      glance_store: { default_backend: 'file' },
      file: { filesystem_store_datadir: '/var/lib/glance/images' },
      os_glance_staging_store: { filesystem_store_datadir: '/var/lib/glance/staging' },
      os_glance_tasks_store: { filesystem_store_datadir: '/var/lib/glance/tasks' },
      oslo_concurrency: { lock_path: '/tmp' },
    }),
  }),
  objects: (scope) => [persistentVolumeClaim(scope, 'glance', { name: 'glance-images', ...scope.spec.services.glance.storage })],
  schema: (c) =>
    c.process(
      { image: 'glance', args: ['glance-manage', 'db_sync'], files: [conf(c)], directories: [{ path: '/tmp', source: { kind: 'scratch' } }] },
      { requests: { cpu: '50m', memory: '128Mi' } },
    ),
  workloads: [
    {
      part: 'api',
      port,
      exposed: true,
      options: { exclusive: true },
      process: (c) =>
        c.api({
          script: c.scope.release.wsgi.glance,
          port: port.port,
          processes: 1,
          threads: 8,
          health: '/healthcheck',
          files: [conf(c)],
          directories: [{ path: '/var/lib/glance', source: { kind: 'claim', name: 'glance-images' } }],
        }),
    },
  ],
}
