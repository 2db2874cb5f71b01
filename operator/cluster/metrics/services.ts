import { labels } from '../../api/v1alpha1/index.ts'
import type { OpenStackClusterSpec } from '../../api/v1alpha1/index.ts'
import { backingOf } from '../../backing/index.ts'
import type { KubeObject } from '../../kube/types.ts'
import { servicesOf } from '../../services/wanted.ts'
import type { CloudMetric, Sample, SeenCloud } from './metric.ts'

/** Deployments and StatefulSets: what runs on each node is counted by the agents' own words. */
const kinds = new Set(['Deployment', 'StatefulSet'])

function workloadsOf({ owned }: SeenCloud): readonly KubeObject[] {
  return owned.filter(({ kind }) => kinds.has(kind))
}

function desired({ spec }: KubeObject): number {
  return ((spec ?? {}) as { replicas?: number }).replicas ?? 1
}

function available({ status }: KubeObject): number {
  return ((status ?? {}) as { availableReplicas?: number }).availableReplicas ?? 0
}

function eachWorkload(cloud: SeenCloud, value: (workload: KubeObject) => number): Sample[] {
  return workloadsOf(cloud).map((object) => {
    const { name, labels: given } = object.metadata
    return [{ service: given?.[labels.component] ?? '', workload: name }, value(object)]
  })
}

/** The workload by which each service is reached: its API, or its first one that others talk to; and the servers that we run for them. */
function frontsOf(spec: OpenStackClusterSpec): { service: string; workload: string }[] {
  return [
    ...backingOf(spec).map(({ name }) => ({ service: name, workload: name })),
    ...servicesOf(spec).map(({ name, endpoints }) => ({ service: name, workload: `${name}-${Object.keys(endpoints)[0] ?? ''}` })),
  ]
}

/** What the watches of workloads say. */
export const serviceMetrics: readonly CloudMetric[] = [
  {
    name: 'teruwa_service_up',
    help: 'Whether a service answers: its API, or the server itself, has a pod that is available.',
    labels: ['service'],
    samples: (cloud) => {
      const byName = new Map(workloadsOf(cloud).map((object) => [object.metadata.name, object]))
      return frontsOf(cloud.cluster.spec).map(({ service, workload }) => {
        const found = byName.get(workload)
        return [{ service }, found !== undefined && available(found) > 0 ? 1 : 0]
      })
    },
  },
  {
    name: 'teruwa_workload_replicas_desired',
    help: 'Pods that a Deployment or StatefulSet is to have.',
    labels: ['service', 'workload'],
    samples: (cloud) => eachWorkload(cloud, desired),
  },
  {
    name: 'teruwa_workload_replicas_available',
    help: 'Pods of a Deployment or StatefulSet that are available.',
    labels: ['service', 'workload'],
    samples: (cloud) => eachWorkload(cloud, available),
  },
]
