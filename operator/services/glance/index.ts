import type { OpenStackClusterSpec } from '../../api/v1alpha1/index.ts'
import { mergeIni } from '../../config/ini.ts'
import type { Ini } from '../../config/ini.ts'
import type { Scope } from '../../model/scope.ts'
import { persistentVolumeClaim } from '../../workloads/claim.ts'
import type { Context } from '../context.ts'
import { cephConf, cephFiles, keyringOf, whenUsable } from '../ceph.ts'
import type { CephClient } from '../ceph.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'
import { conversionOptions } from './conversion.ts'

const CEPH = { key: 'ceph.conf', path: '/etc/ceph/glance.conf' }

function cephOf({ services }: OpenStackClusterSpec): CephClient | undefined {
  const { rbd } = services.glance
  return rbd === undefined ? undefined : { field: 'services.glance.rbd', pool: rbd }
}

/** The stores: files, and a pool of Ceph's that new images go to where there is one. Its location lets Cinder clone an image instead of copying it. */
function stores({ spec }: Scope): Ini {
  const { rbd } = spec.services.glance
  if (rbd === undefined) return { DEFAULT: { enabled_backends: ['file:file'] }, glance_store: { default_backend: 'file' } }
  return {
    DEFAULT: { enabled_backends: ['file:file', 'rbd:rbd'], show_image_direct_url: true },
    glance_store: { default_backend: 'rbd' },
    rbd: { rbd_store_pool: rbd.pool, rbd_store_user: rbd.user, rbd_store_ceph_conf: CEPH.path },
  }
}

function cephFile(scope: Scope): Record<string, string> {
  const ceph = cephOf(scope.spec)
  return ceph === undefined ? {} : Object.fromEntries(cephFiles(scope, ceph, 'glance-config', { [CEPH.key]: () => cephConf(scope, ceph) }))
}

/** What the API reads besides its own file, and what it waits for before it starts. Throws where the Secret with Ceph's key is missing. */
function reads(c: Context): Pick<Parameters<Context['api']>[0], 'files' | 'before'> {
  const ceph = cephOf(c.scope.spec)
  return ceph === undefined ? {} : { files: [c.file(CEPH.key, CEPH.path)], before: whenUsable(c.scope, ceph, CEPH.path) }
}

/** Glance, with its images as files on a volume or in Ceph. */
export const glance: ServiceDefinition<typeof api> = {
  ...api,
  catalog: { type: 'image', description: 'Image' },
  policies: {},
  namedSecrets: (spec) => [cephOf(spec)].flatMap((ceph) => (ceph === undefined ? [] : [keyringOf(ceph)])),
  config: (c) => ({
    'glance-api.conf': mergeIni(c.apiCommon(), stores(c.scope), conversionOptions(c.scope.spec), {
      // Glance wants its own word for the new defaults, and does not start where the two differ.
      DEFAULT: { enforce_secure_rbac: true },
      database: { connection: c.database() },
      paste_deploy: { flavor: 'keystone' },
      file: { filesystem_store_datadir: '/var/lib/glance/images' },
      os_glance_staging_store: { filesystem_store_datadir: '/var/lib/glance/staging' },
      os_glance_tasks_store: { filesystem_store_datadir: '/var/lib/glance/tasks' },
      oslo_concurrency: { lock_path: '/tmp' },
    }),
  }),
  texts: (c) => cephFile(c.scope),
  objects: (scope) => [persistentVolumeClaim(scope, 'glance', { name: 'glance-images', ...scope.spec.services.glance.storage })],
  schema: (c) => c.program({ args: ['glance-manage', 'db_sync'] }),
  workloads: () => [
    {
      part: 'api',
      options: { exclusive: true },
      process: (c) =>
        c.api({
          script: { zed: '/usr/bin/glance-wsgi-api' },
          health: '/healthcheck',
          ...reads(c),
          directories: [{ path: '/var/lib/glance', source: { kind: 'claim', name: 'glance-images' } }],
        }),
    },
  ],
}
