// Which containers a service's name stands for. Pure.

import { labels } from '../operator/api/v1alpha1/index.ts'
import type { KubeObject } from '../operator/kube/types.ts'

/** A container whose log is read. */
export interface Source {
  readonly pod: string
  readonly container: string
  /** What its lines begin with. */
  readonly prefix: string
}

/** The names that there are: services and the parts that they consist of. */
export function serviceNames(pods: readonly KubeObject[]): string[] {
  return [...new Set(pods.flatMap(namesOf))].toSorted()
}

/** The containers of the pods that have a name. */
export function sourcesOf(pods: readonly KubeObject[], service: string): Source[] {
  const containers = pods
    .filter((pod) => namesOf(pod).includes(service))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap((pod) => containersOf(pod).map((container, _index, { length }) => ({ pod: pod.metadata.name, container, several: length > 1 })))
  const prefix = containers.length > 1
  return containers.map(({ pod, container, several }) => ({ pod, container, prefix: prefix ? `[${pod}${several ? `/${container}` : ''}] ` : '' }))
}

function namesOf({ metadata }: KubeObject): string[] {
  // A Job is named by what it does, with a hash at its end.
  const app = metadata.labels?.[labels.name]?.replace(/-[0-9a-f]{10}$/, '')
  return [metadata.labels?.[labels.component], app].filter((name) => name !== undefined)
}

function containersOf({ spec }: KubeObject): string[] {
  const { containers = [] } = (spec ?? {}) as { containers?: readonly { readonly name: string }[] }
  return containers.map(({ name }) => name)
}
