import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildProgress } from '../../images/build.ts'
import { buildImages, imageNames } from '../../images/build.ts'
import { ensureBaseImage } from '../base-image.ts'
import type { Cluster, ClusterOptions } from '../cluster.ts'
import { createCluster } from '../cluster.ts'
import type { NodeRole } from '../node/control-plane.ts'
import { ensureHost } from '../host.ts'
import { sideBySide } from '../side-by-side.ts'
import { LOCAL_FOLDER } from './access.ts'
import { CEPH_IMAGE } from './ceph.ts'
import type { UpOptions } from './options.ts'
import type { RecordedSteps } from './steps.ts'

/** The embedded cluster of `npm run up`. */
export const CLUSTER = 'teruwa'

/** What only other images lie on. */
const PARENTS: ReadonlySet<string> = new Set(['base', 'openstack'])

/** The images that pods of a cloud name. */
export const podImages: readonly string[] = imageNames.filter((name) => !PARENTS.has(name) && name !== CEPH_IMAGE)

const LABEL = 'openstack.teruwa.io'

/** Whether the user wants a cluster of their own: KUBECONFIG names one, and not the embedded one's own file. */
export function hasOwnCluster(): boolean {
  const kubeconfig = process.env['KUBECONFIG'] ?? ''
  if (kubeconfig === '') return false
  try {
    return realpathSync(kubeconfig) !== realpathSync(join(LOCAL_FOLDER, 'kubeconfig'))
  } catch {
    return true
  }
}

/**
 * What a node of `npm run up` is for. One node does all; of several, the first is the controller and network node, and the others run guests and
 * nothing else, so that the cloud goes on while one of them is away.
 */
export function roleOf(index: number, count: number): NodeRole {
  const label = (...roles: readonly string[]) => Object.fromEntries(roles.map((role) => [`${LABEL}/${role}`, 'true']))
  if (count === 1) return { labels: label('hypervisor', 'network'), taints: [] }
  return index === 0 ? { labels: label('network'), taints: [] } : { labels: label('hypervisor'), taints: [`${LABEL}/hypervisor=true:NoSchedule`] }
}

/** What the embedded cluster of `npm run up` shall be. */
export function upCluster({ withCeph, ...options }: UpOptions): ClusterOptions & { readonly images: readonly string[] } {
  return { ...options, images: withCeph ? [...podImages, CEPH_IMAGE] : podImages, name: CLUSTER, role: roleOf }
}

/** Makes an embedded cluster and the images side by side, and brings the images to its nodes. Returns the images' references, too. */
export async function embeddedCluster(
  steps: RecordedSteps,
  options: ClusterOptions & { readonly images?: readonly string[] },
  signal: AbortSignal,
): Promise<{ cluster: Cluster; references: Record<string, string> }> {
  await steps.run('host', [], ({ update }) => ensureHost({ onUpdate: update, signal }))
  const { images = podImages, ...clusterOptions } = options
  let cluster: Cluster | undefined
  let references: Record<string, string> = {}
  await sideBySide(signal, [
    async (signal) => {
      cluster = await steps.run('kubernetes', ['host'], (progress) => createCluster({ ...clusterOptions, progress, signal }))
    },
    async (signal) => {
      references = await steps.run('images', ['host'], async (step) => {
        const onProgress = ({ name, state, message = '' }: BuildProgress) =>
          step.set(name, { state: state === 'building' ? 'running' : state === 'failed' ? 'failed' : 'done', message })
        await ensureBaseImage({ onProgress, signal })
        return buildImages({ names: images, onProgress, signal })
      })
    },
  ])
  if (!cluster) throw new Error('the embedded cluster was not made')
  const { loadImages } = cluster
  await steps.run('load images', ['kubernetes', 'images'], async (step) => {
    await loadImages(Object.values(references), { onUpdate: step.update, signal })
  })
  return { cluster, references }
}
