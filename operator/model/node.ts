import type { KubeObject } from '../kube/types.ts'

interface NodeCondition {
  readonly type: string
  readonly status: string
  readonly message?: string
  readonly lastTransitionTime?: string
}

interface NodeStatus {
  readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  readonly conditions?: readonly NodeCondition[]
}

/** Addresses of a node within the cluster; the first is the one that its pods in the node's network have. */
export function addressesOf(node: KubeObject): string[] {
  const { addresses = [] } = (node.status ?? {}) as NodeStatus
  return addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
}

/** What a node's kubelet says of it, or Kubernetes once the kubelet says nothing any more (status Unknown, after some 50 s). */
export function readyCondition(node: KubeObject): NodeCondition | undefined {
  const { conditions = [] } = (node.status ?? {}) as NodeStatus
  return conditions.find(({ type }) => type === 'Ready')
}

/** Whether a node takes part. */
export function isReady(node: KubeObject): boolean {
  return readyCondition(node)?.status === 'True'
}

/** Names of the nodes that take no part now; nothing waits for what is to happen on them. */
export function silentNodes({ nodes }: { readonly nodes: readonly KubeObject[] }): ReadonlySet<string> {
  return new Set(nodes.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name))
}
