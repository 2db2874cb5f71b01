import type { Kubectl } from './kubectl.ts'

/** A node that must be ready, and when its container was started. */
export interface StartedNode {
  readonly name: string
  readonly startedAt: Date
}

/** Whether `time` is of this start of the node: what was written before it says nothing. Kubernetes' times have whole seconds. */
function since(time: string | undefined, startedAt: Date): boolean {
  return time !== undefined && Date.parse(time) >= Math.floor(startedAt.getTime() / 1000) * 1000
}

/** Waits until each node's kubelet has said since the start of its container that it is ready. */
export async function waitForNodes(nodes: readonly StartedNode[], kubectl: Kubectl, signal?: AbortSignal): Promise<void> {
  const ready = '{.status.conditions[?(@.type=="Ready")].status}'
  const heartbeat = '{.status.conditions[?(@.type=="Ready")].lastHeartbeatTime}'
  await kubectl.watch(
    ['nodes', '-o', String.raw`jsonpath={.metadata.name} ${ready} ${heartbeat}{"\n"}`],
    (objects) =>
      nodes.every(({ name, startedAt }) => {
        const [status, time] = objects.get(name) ?? []
        return status === 'True' && since(time, startedAt)
      }),
    signal,
  )
}

/** Waits until Services work on each node and DNS answers on one, by pods that run since the nodes were started. */
export async function waitForAddons(nodes: readonly StartedNode[], kubectl: Kubectl, signal?: AbortSignal): Promise<void> {
  const started = new Map(nodes.map(({ name, startedAt }) => [name, startedAt]))
  const parts = [
    '{.metadata.name}',
    '{.metadata.labels.k8s-app}',
    '{.spec.nodeName}',
    '{.status.conditions[?(@.type=="Ready")].status}',
    '{.status.containerStatuses[0].state.running.startedAt}',
  ]
  await kubectl.watch(
    ['pods', '--namespace=kube-system', '--selector=k8s-app in (kube-proxy,kube-dns)', '-o', `jsonpath=${parts.join(' ')}${String.raw`{"\n"}`}`],
    (objects) => {
      const up = [...objects.values()].filter(([, node = '', status, time]) => {
        const startedAt = started.get(node)
        return status === 'True' && startedAt !== undefined && since(time, startedAt)
      })
      return up.some(([app]) => app === 'kube-dns') && nodes.every(({ name }) => up.some(([app, node]) => app === 'kube-proxy' && node === name))
    },
    signal,
  )
}

/** Sets labels on nodes that lack them. */
export async function ensureLabels(
  nodes: readonly { name: string; labels: Readonly<Record<string, string>> }[],
  kubectl: Kubectl,
  signal?: AbortSignal,
): Promise<void> {
  const { items }: { items: { metadata: { name: string; labels?: Record<string, string> } }[] } = JSON.parse(
    await kubectl.run(['get', 'nodes', '-o', 'json'], { signal }),
  )
  for (const { name, labels } of nodes) {
    const current = items.find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {}
    const missing = Object.entries(labels).filter(([key, value]) => current[key] !== value)
    if (missing.length > 0) await kubectl.run(['label', '--overwrite', 'node', name, ...missing.map(([key, value]) => `${key}=${value}`)], { signal })
  }
}
