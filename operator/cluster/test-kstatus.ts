import type { OpenStackCluster } from '../api/v1alpha1/index.ts'

/** What kstatus says of an object. */
export type KStatus = 'Terminating' | 'InProgress' | 'Failed' | 'Current'

/**
 * The rules of kstatus for a kind that it does not know, as in sigs.k8s.io/cli-utils, pkg/kstatus/status: checkGenericProperties, then
 * checkReadyCondition. Argo CD, Flux, Helm's `--wait` and kpt go by them. Written from its source; it is not the operator's own idea of itself.
 */
export function kstatusOf({ metadata, status }: Pick<OpenStackCluster, 'status'> & { metadata: Partial<OpenStackCluster['metadata']> }): KStatus {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  if (status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return 'InProgress'
  const conditions = status?.conditions ?? []
  for (const { type, status: is } of conditions) {
    if (type === 'Reconciling' && is === 'True') return 'InProgress'
    if (type === 'Stalled' && is === 'True') return 'Failed'
  }
  const ready = conditions.find(({ type }) => type === 'Ready')
  if (ready === undefined) return 'Current'
  return ready.status === 'True' ? 'Current' : 'InProgress'
}
