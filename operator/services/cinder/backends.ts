import type { OpenStackClusterSpec, VolumeBackend } from '../../api/v1alpha1/index.ts'
import { labels } from '../../api/v1alpha1/index.ts'
import type { Ini } from '../../config/ini.ts'
import type { NodeChoice } from '../../model/node-choice.ts'
import type { Scope } from '../../model/scope.ts'
import { cephConf, cephFiles, cephKeyring, libvirtSecretId, whenUsable } from '../ceph.ts'
import type { CephClient } from '../ceph.ts'
import type { Context } from '../context.ts'
import type { Workload } from '../definition.ts'
import type { File } from '../../workloads/pod.ts'

/** Every volume service but those of LVM is known to Cinder by this host, whichever node its pod is on: volumes belong to a host. */
export const HOST = 'cinder'

export const STATE = '/var/lib/cinder'
/** privsep's sections of cinder.conf, of os-brick and of Cinder's own drivers. */
export const privsepSections: readonly string[] = ['privsep_osbrick', 'cinder_sys_admin']

/**
 * For processes that are not root and need none of it: a privsep helper that keeps no capability starts all the same, and asks what anybody may ask of
 * a node. Cinder's backup asks os-brick about the node's connectors whatever the backend is.
 */
const unprivileged = Object.fromEntries(privsepSections.map((section) => [`OS_${section.toUpperCase()}__CAPABILITIES`, '']))

const requests = { memory: '256Mi' }

/** The Ceph of a backend, if it has one. */
export function cephOf({ name, rbd }: VolumeBackend): CephClient | undefined {
  return rbd === undefined ? undefined : { field: `services.cinder.backends[${name}].rbd`, pool: rbd }
}

/** The backend that backups go to, and its Ceph with the pool of backups. */
export function backupOf({ services }: OpenStackClusterSpec): { readonly backend: VolumeBackend; readonly ceph: CephClient } | undefined {
  for (const backend of services.cinder.backends) {
    const { rbd } = backend
    if (rbd?.backupPool !== undefined)
      return { backend, ceph: { field: `services.cinder.backends[${backend.name}].rbd`, pool: { ...rbd, pool: rbd.backupPool } } }
  }
  return undefined
}

/** Where the file of a backend's Ceph is in the pods. */
export function cephPath({ name }: VolumeBackend): string {
  return `/etc/ceph/${name}.conf`
}

/** The files of the backends, by their key in Cinder's Secret. */
export function backendFiles(scope: Scope): Record<string, string> {
  return Object.fromEntries(
    scope.spec.services.cinder.backends.flatMap((backend): [string, string][] => {
      if (backend.nfs !== undefined) return [[sharesKey(backend), `${backend.nfs.shares.join('\n')}\n`]]
      const ceph = cephOf(backend)
      if (ceph === undefined) return []
      return cephFiles(scope, ceph, 'cinder-config', {
        [cephKeyOf(backend)]: () => cephConf(scope, ceph),
        [keyringKeyOf(backend)]: () => cephKeyring(scope, ceph),
      })
    }),
  )
}

const cephKeyOf = ({ name }: VolumeBackend) => `ceph-${name}.conf`
const keyringKeyOf = ({ name }: VolumeBackend) => `ceph-${name}.keyring`
const sharesKey = ({ name }: VolumeBackend) => `nfs-${name}.shares`
const sharesPath = ({ name }: VolumeBackend) => `/etc/cinder/${name}.shares`

/**
 * The files of a backend's Ceph for a pod: the one that librados is given, and the keyring where os-brick looks for it, by the name of the cluster and
 * the user, when it attaches a volume to the pod itself.
 */
function mountsOf(c: Context, backend: VolumeBackend, { pool }: CephClient): File[] {
  return [c.file(cephKeyOf(backend), cephPath(backend)), c.file(keyringKeyOf(backend), `/etc/ceph/${backend.name}.client.${pool.user}.keyring`)]
}

/** The section of cinder.conf of each backend. */
export function backendSections(scope: Scope): Ini {
  return Object.fromEntries(
    scope.spec.services.cinder.backends.map((backend) => [backend.name, { volume_backend_name: backend.name, ...driver(scope, backend) }]),
  )
}

function driver(scope: Scope, backend: VolumeBackend): Ini[string] {
  const { name, rbd, nfs, lvm } = backend
  if (rbd !== undefined) {
    return {
      volume_driver: 'cinder.volume.drivers.rbd.RBDDriver',
      rbd_pool: rbd.pool,
      rbd_cluster_name: name,
      rbd_user: rbd.user,
      rbd_ceph_conf: cephPath(backend),
      rbd_secret_uuid: libvirtSecretId(scope, name),
    }
  }
  if (nfs !== undefined) {
    return {
      volume_driver: 'cinder.volume.drivers.nfs.NfsDriver',
      nfs_shares_config: sharesPath(backend),
      nfs_mount_options: nfs.mountOptions === '' ? undefined : nfs.mountOptions,
      nfs_mount_point_base: `${STATE}/mnt`,
      // Files are root's, as libvirt's QEMU is, so nothing is opened for everybody.
      nas_secure_file_operations: true,
      nas_secure_file_permissions: true,
    }
  }
  return {
    volume_driver: 'cinder.volume.drivers.lvm.LVMVolumeDriver',
    volume_group: lvm?.volumeGroup,
    target_helper: 'tgtadm',
    target_protocol: 'iscsi',
    target_ip_address: '$my_ip',
    volumes_dir: `${STATE}/volumes`,
  }
}

/** The nodes with the volume group of an LVM backend. */
export function volumeNodes({ lvm }: VolumeBackend): NodeChoice | undefined {
  return lvm === undefined ? undefined : { selector: lvm.nodeSelector, label: labels.volume }
}

/**
 * The volume service of a backend: one process each, so that one backend's trouble is not another's. Two of the same host would work on the same
 * volumes, so the old one goes before the new one comes.
 */
export function volumeWorkload(backend: VolumeBackend): Workload {
  const { name, lvm } = backend
  const part = `volume-${name}`
  const needs = ['cinder/identity', 'etcd']
  const env = { OS_DEFAULT__ENABLED_BACKENDS: name }
  const args = ['cinder-volume', '--config-file=/etc/cinder/cinder.conf']
  const ceph = cephOf(backend)
  if (ceph !== undefined) {
    return {
      part,
      needs,
      replicas: 1,
      options: { exclusive: true },
      process: (c) =>
        c.daemon({
          args: [...whenUsable(c.scope, ceph, cephPath(backend)), ...args],
          env: { ...env, ...unprivileged },
          files: mountsOf(c, backend, ceph),
          requests,
        }),
    }
  }
  if (lvm === undefined) {
    // To mount takes root.
    return {
      part,
      needs,
      replicas: 1,
      options: { exclusive: true },
      process: (c) => c.daemon({ args, env, privileged: true, files: [c.file(sharesKey(backend), sharesPath(backend))], requests }),
    }
  }
  return {
    part,
    needs,
    nodes: volumeNodes(backend),
    options: { hostPID: true },
    process: (c) =>
      c.program({
        env,
        privileged: true,
        // tgtd serves the volumes that cinder-volume exports by it.
        args: ['sh', '-c', `mkdir -p ${STATE}/volumes && tgtd && exec ${args.join(' ')}`],
        fieldEnv: { OS_DEFAULT__HOST: 'spec.nodeName', OS_DEFAULT__MY_IP: 'status.hostIP' },
        directories: [
          { path: STATE, source: { kind: 'host' } },
          { path: '/dev', source: { kind: 'host' } },
          { path: '/run/lock', source: { kind: 'host' } },
          { path: '/run/lvm', source: { kind: 'host' } },
        ],
        requests,
        // In the node's network there are others' connections to the broker, too; whether it serves is seen by what it reports to Cinder.
        ready: { exec: ['pgrep', '-x', 'tgtd'] },
      }),
  }
}

/** The backup service; none where no backend has a pool for backups. */
export function backupWorkload(spec: OpenStackClusterSpec): Workload[] {
  const backup = backupOf(spec)
  if (backup === undefined) return []
  const { backend, ceph } = backup
  return [
    {
      part: 'backup',
      needs: ['cinder/identity', 'etcd'],
      replicas: 1,
      options: { exclusive: true },
      process: (c) =>
        c.daemon({
          args: [...whenUsable(c.scope, ceph, cephPath(backend)), 'cinder-backup', '--config-file=/etc/cinder/cinder.conf'],
          env: unprivileged,
          files: allCephFiles(c),
          requests,
        }),
    },
  ]
}

/** It reads volumes of every backend in Ceph, by the driver's own files. */
function allCephFiles(c: Context): File[] {
  const files = backendFiles(c.scope)
  return c.scope.spec.services.cinder.backends.flatMap((backend) => {
    const ceph = cephOf(backend)
    return ceph === undefined || files[cephKeyOf(backend)] === undefined ? [] : mountsOf(c, backend, ceph)
  })
}
