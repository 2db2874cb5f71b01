import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { cephFiles, cephKey, libvirtSecretId } from '../services/ceph.ts'
import type { CephClient } from '../services/ceph.ts'
import { cephOf } from '../services/cinder/backends.ts'
import { secret } from '../workloads/secret.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import type { File } from '../workloads/pod.ts'

const NAME = 'libvirt-secrets'
/** Where libvirtd reads them when it starts (src/secret/secret_driver.c). */
const FOLDER = '/etc/libvirt/secrets'

/**
 * The keys by which QEMU reaches volumes in Ceph, as libvirt keeps secrets: one a backend, by the id that Cinder tells Nova. They do not depend on
 * whether Cinder is switched on, so that switching it restarts no libvirt. A backend whose Secret is missing has none: Cinder's own step says so.
 */
function secrets(scope: Scope): ConfigSecret | undefined {
  const files = scope.spec.services.cinder.backends.flatMap((backend): [string, string][] => {
    const ceph = cephOf(backend)
    if (ceph === undefined) return []
    const id = libvirtSecretId(scope, backend.name)
    return cephFiles(scope, ceph, NAME, { [`${id}.xml`]: () => definition(id, backend.name, ceph), [`${id}.base64`]: () => cephKey(scope, ceph) })
  })
  return files.length === 0 ? undefined : { name: NAME, files: Object.fromEntries(files) }
}

function definition(id: string, backend: string, { pool }: CephClient): string {
  return `<secret ephemeral="no" private="yes">
  <uuid>${id}</uuid>
  <usage type="ceph">
    <name>client.${pool.user} of ${backend}</name>
  </usage>
</secret>
`
}

/** The Secret of libvirt's pods. */
export function secretObjects(scope: Scope): KubeObject[] {
  const config = secrets(scope)
  return config === undefined ? [] : [secret(scope, config.name, 'nova', config.files)]
}

/** Its files in libvirt's pods. */
export function secretFiles(scope: Scope): File[] {
  const config = secrets(scope)
  return config === undefined ? [] : Object.keys(config.files).map((key) => ({ config, key, path: `${FOLDER}/${key}` }))
}
