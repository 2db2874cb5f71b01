import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { KubeClient } from '../kube/client.ts'
import { ResourceTypes } from '../kube/resources.ts'
import { credentialsSecretName } from './credentials.ts'
import type { Watches } from './watches.ts'

/** What a deletion works with. */
export interface Deletion {
  readonly client: KubeClient
  readonly watches: Watches
  readonly cluster: OpenStackCluster
  /** ms since the epoch */
  readonly now: number
  readonly image: (name: string) => string
}

/** How far a deletion is. */
export type DeletionState = { readonly done: true } | { readonly waitsFor: string; readonly lookAgainAfter: number }

/**
 * Removes what no owner reference removes; everything else goes with the cluster. Nothing is asked of OpenStack's own APIs, which may be gone
 * already. With `deletionPolicy: Retain` guests go on running and data stays.
 */
export async function finalize({ client, cluster }: Deletion, signal: AbortSignal): Promise<DeletionState> {
  const { name, namespace } = cluster.metadata
  if (cluster.spec.deletionPolicy === 'Delete') await client.delete(ResourceTypes.secrets, namespace, credentialsSecretName(name), {}, signal)
  return { done: true }
}
