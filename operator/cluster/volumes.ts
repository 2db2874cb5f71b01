import { labels } from '../api/v1alpha1/index.ts'
import type { KubeClient } from '../kube/client.ts'
import { ResourceTypes } from '../kube/resources.ts'
import { selector } from '../workloads/metadata.ts'

/**
 * Removes the volumes of a cluster or, with `app`, those of one of its apps: their claims have no owner. One that a pod still uses goes with that pod, as
 * Kubernetes has it.
 */
export async function removeVolumes(
  client: KubeClient,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  app: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const selected = app === undefined ? { [labels.partOf]: name } : selector({ name }, app)
  const labelSelector = Object.entries(selected)
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
  const { items } = await client.list(ResourceTypes.persistentVolumeClaims, { namespace, labelSelector }, signal)
  const live = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  await Promise.all(
    live.map(({ metadata }) =>
      client.delete(ResourceTypes.persistentVolumeClaims, namespace, metadata.name, metadata.uid === undefined ? {} : { uid: metadata.uid }, signal),
    ),
  )
}
