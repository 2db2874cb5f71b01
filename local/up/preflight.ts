// What is looked at on a cluster that somebody else made, before anything is made there.

import { openStackCluster } from '../../operator/api/v1alpha1/schema.ts'
import type { OpenStackClusterSpec } from '../../operator/api/v1alpha1/index.ts'
import { interfacesOf } from '../../operator/compute/node-networks.ts'
import { howToLabel, nodesOf } from '../../operator/compute/nodes.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import type { Kubectl } from '../kubectl.ts'
import type { ManifestObject } from './manifest.ts'

/** The names of the interfaces of the nodes that a cloud uses, by the node's name. Of a node that is not in it, nothing is known. */
export type SeenInterfaces = ReadonlyMap<string, readonly string[]>

/** What the nodes lack for a cloud, a sentence for each, with the remedy. Pure. */
export function lacksOf(spec: OpenStackClusterSpec, nodes: readonly KubeObject[], seen: SeenInterfaces): string[] {
  const scope = { spec, nodes }
  const work = { hypervisor: 'guests', network: "the network's agents" } as const
  const unlabelled = (['hypervisor', 'network'] as const)
    .filter((role) => nodesOf(scope, role).length === 0)
    .map((role) => `no node is to run ${work[role]}: ${howToLabel(scope, role)}`)
  const missing = nodes.flatMap((node) => {
    const { name } = node.metadata
    const has = seen.get(name)
    if (has === undefined) return []
    const { tunnel } = spec.services.neutron
    const wanted = [
      ...interfacesOf(scope, node).map(({ nic }) => ({ field: 'spec.services.neutron.physicalNetworks', nic })),
      ...(tunnel.interface === undefined ? [] : [{ field: 'spec.services.neutron.tunnel.interface', nic: tunnel.interface }]),
    ]
    return wanted.filter(({ nic }) => !has.includes(nic)).map(({ field, nic }) => `${field}: node ${name} has no interface ${nic}, it has ${has.join(', ')}`)
  })
  return [...unlabelled, ...missing]
}

/** Throws what the nodes lack for the cloud of a manifest. What the API server will refuse by itself is left to it. */
export async function preflight(kubectl: Kubectl, objects: readonly ManifestObject[], signal?: AbortSignal): Promise<void> {
  const cloud = openStackCluster.safeParse({ spec: objects.find(({ kind }) => kind === 'OpenStackCluster')?.spec ?? {} })
  if (!cloud.success) return
  const { items } = JSON.parse(await kubectl.run(['get', 'nodes', '-o', 'json'], { signal })) as { items: KubeObject[] }
  const { spec } = cloud.data
  const used = nodesOf({ spec, nodes: items }, 'hypervisor', 'network')
  const seen = await Promise.all(used.map(async (name) => [name, await seenOn(kubectl, name, signal)] as const))
  const lacks = lacksOf(spec, items, new Map(seen.filter(([, names]) => names.length > 0)))
  if (lacks.length > 0) throw new Error(`Nothing was made, since the cluster lacks:\n${lacks.map((lack) => `  ${lack}`).join('\n')}`)
}

/** The interfaces that a node's kubelet counts packets of. Nothing where it cannot be asked: the agents will tell then. */
async function seenOn(kubectl: Kubectl, node: string, signal?: AbortSignal): Promise<readonly string[]> {
  try {
    const text = await kubectl.run(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`], { signal })
    const summary = JSON.parse(text) as { node?: { network?: { interfaces?: readonly { name: string }[] } } }
    return summary.node?.network?.interfaces?.map(({ name }) => name).toSorted() ?? []
  } catch {
    signal?.throwIfAborted()
    return []
  }
}
