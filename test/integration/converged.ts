// A cloud that becomes Ready on an API server without nodes: what Kubernetes' controllers and OpenStack's APIs would do is played.

import { goodAnswer, readyStatus } from '../../operator/cluster/test-world.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { Reflector } from '../../operator/kube/reflector.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { MemoryLog } from '../../operator/kube/test-log.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import type { OutsideCall, Outcome } from '../../operator/model/outside.ts'

const { deployments, statefulSets, daemonSets, jobs } = ResourceTypes

/** Lets every workload be ready as soon as it is as its owner wants it. Ends with the signal. */
export function playControllers(client: KubeClient, signal: AbortSignal): void {
  for (const type of [deployments, statefulSets, daemonSets, jobs]) {
    const onChange = ({ object }: { readonly object: KubeObject }) => void makeReady(client, type, object, signal)
    new Reflector({ client, type, log: new MemoryLog(), onChange }).start(signal)
  }
}

async function makeReady(client: KubeClient, type: ResourceType, { metadata, spec, status }: KubeObject, signal: AbortSignal): Promise<void> {
  const { replicas = 1 } = (spec ?? {}) as { replicas?: number }
  const { observedGeneration = 0, conditions = [] } = (status ?? {}) as { observedGeneration?: number; conditions?: readonly unknown[] }
  if (type === jobs ? conditions.length > 0 : observedGeneration === metadata.generation) return
  try {
    await client.patch(
      type,
      metadata.namespace,
      metadata.name,
      { status: statusOf(type, metadata.generation ?? 1, replicas) },
      { type: 'merge', subresource: 'status' },
      signal,
    )
  } catch {
    // It is gone or another one already: that has its own event.
  }
}

function statusOf({ kind }: ResourceType, generation: number, replicas: number): unknown {
  if (kind === 'Job') {
    const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const [met, complete] = ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, status: 'True', lastTransitionTime: time, lastProbeTime: time }))
    return { conditions: [met, complete], startTime: time, completionTime: time, succeeded: 1 }
  }
  const status = readyStatus[kind]?.(generation) as Record<string, number>
  const counts = Object.fromEntries(Object.entries(status).map(([field, value]) => [field, field === 'observedGeneration' ? value : value * replicas]))
  // The API server wants what a DaemonSet's controller always sets.
  return kind === 'DaemonSet' ? { ...counts, currentNumberScheduled: replicas, numberMisscheduled: 0, numberReady: replicas } : counts
}

/** An outside in which all is as every call wants it. */
export function willingOutside(): { perform: (call: OutsideCall) => Promise<Outcome> } {
  return {
    perform: async (call) => {
      const { ready, message, data } = goodAnswer(call)
      return { ready, message, ...(data ? { data } : {}) }
    },
  }
}
