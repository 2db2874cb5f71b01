import { timestamp } from '../api/v1alpha1/conditions.ts'
import { labels } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { CLEANUP_APP, cleanupJob, nodeApps } from '../compute/cleanup.ts'
import { nodesOf } from '../compute/nodes.ts'
import type { KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/error.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { KubeObject } from '../kube/types.ts'
import { isReady } from '../model/node.ts'
import { credentialsSecretName } from '../model/scope.ts'
import { someOf } from '../config/some-of.ts'
import { applyObject, removeObject } from './act.ts'
import { verdictOf } from './readiness.ts'
import { removeVolumes } from './volumes.ts'
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

/** How far a deletion is: it waits, or it is done, for the `abandoned` part without what did not come in time. */
export type DeletionState = { readonly done: true; readonly abandoned?: string } | { readonly waitsFor: string }

/** A deletion that is not through after so long, in ms, goes on without the nodes that do not answer: it must end. */
const PATIENCE = 180_000

/**
 * Removes what no owner reference removes; everything else goes with the cluster. Nothing is asked of OpenStack's own APIs, which may be gone
 * already. With `deletionPolicy: Retain` guests go on running and data stays; with `Delete` the nodes are cleared first.
 */
export async function finalize(deletion: Deletion, signal: AbortSignal): Promise<DeletionState> {
  const { client, watches, cluster, now } = deletion
  const { name, namespace, deletionTimestamp = '' } = cluster.metadata
  await Promise.all(watches.strays(namespace, name).map((stray) => removeObject(client, stray, signal)))
  if (cluster.spec.deletionPolicy !== 'Delete') return { done: true }
  const givesUpAt = Date.parse(deletionTimestamp) + PATIENCE
  const open = await clearNodes(deletion, signal)
  if (open !== undefined && now < givesUpAt) return { waitsFor: `${open}; at ${timestamp(new Date(givesUpAt))} the deletion goes on without` }
  // A StatefulSet makes the volume of a pod anew that is replaced meanwhile, and the next cluster of this name would find it.
  const keepers = watches.ownedBy(cluster.metadata.uid).filter(({ kind }) => kind === 'StatefulSet')
  await Promise.all(keepers.map((keeper) => removeObject(client, keeper, signal)))
  await removeVolumes(client, { name, namespace }, undefined, signal)
  // Last: without it the volumes could not be read.
  await client.delete(ResourceTypes.secrets, namespace, credentialsSecretName(name), {}, signal)
  return { done: true, ...(open === undefined ? {} : { abandoned: open }) }
}

/** Ends the pods that work on the nodes, then clears each ready node by a Job. Returns what it waits for. */
async function clearNodes({ client, watches, cluster, image }: Deletion, signal: AbortSignal): Promise<string | undefined> {
  const { name, namespace, uid } = cluster.metadata
  const owned = watches.ownedBy(uid)
  const agents = owned.filter(({ kind, metadata }) => kind === 'DaemonSet' && nodeApps.includes(metadata.name))
  await Promise.all(agents.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((agent) => removeObject(client, agent, signal)))
  const readyNodes = watches.nodes().filter(isReady)
  const isThere = (pod: KubeObject) => readyNodes.some((node) => node.metadata.name === nodeNameOf(pod))
  const pods = watches.pods(namespace, name).filter((pod) => nodeApps.includes(pod.metadata.labels?.[labels.name] ?? '') && isThere(pod))
  if (agents.length + pods.length > 0) return `the end of ${someOf([...agents, ...pods].map(({ kind, metadata }) => `${kind} ${metadata.name}`))}`
  const nodes = nodesOf({ spec: cluster.spec, nodes: readyNodes }, 'hypervisor', 'network')
  const waits: string[] = []
  for (const node of nodes) {
    const desired = cleanupJob({ name, namespace, uid, spec: cluster.spec, image }, node)
    const live = watches.live(namespace, 'Job', desired.metadata.name)
    if (live === undefined) {
      try {
        await applyObject(client, desired, signal)
      } catch (error) {
        // The namespace is going as well, and nothing can be made in it any more.
        if (error instanceof KubeError && error.status === 403) continue
        throw error
      }
    }
    const verdict = live === undefined ? undefined : verdictOf(live, [])
    if (verdict === undefined || (!verdict.ready && !verdict.failed)) waits.push(`${CLEANUP_APP} of node ${node}`)
  }
  return waits.length === 0 ? undefined : someOf(waits)
}

function nodeNameOf({ spec }: KubeObject): string | undefined {
  return (spec as { nodeName?: string } | undefined)?.nodeName
}
