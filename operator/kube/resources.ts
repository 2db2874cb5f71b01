import type { KubeObject, ResourceType } from './types.ts'

const namespaced = { namespaced: true } as const

/** The built-in kinds that the operator reads or writes. */
export const ResourceTypes = {
  secrets: { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', ...namespaced },
  services: { apiVersion: 'v1', kind: 'Service', plural: 'services', ...namespaced },
  persistentVolumeClaims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', ...namespaced },
  pods: { apiVersion: 'v1', kind: 'Pod', plural: 'pods', ...namespaced },
  nodes: { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
  namespaces: { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  storageClasses: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', plural: 'storageclasses', namespaced: false },
  events: { apiVersion: 'events.k8s.io/v1', kind: 'Event', plural: 'events', ...namespaced },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', ...namespaced },
  statefulSets: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', ...namespaced },
  daemonSets: { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets', ...namespaced },
  jobs: { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', ...namespaced },
  podDisruptionBudgets: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', ...namespaced },
  leases: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', ...namespaced },
} as const satisfies Readonly<Record<string, ResourceType>>

const byKind = new Map<string, ResourceType>(Object.values(ResourceTypes).map((type) => [type.kind, type]))

/** Where objects of a built-in kind are found. Throws for a kind that is not in ResourceTypes. */
export function resourceTypeOf(kind: string): ResourceType {
  const type = byKind.get(kind)
  if (type === undefined) throw new Error(`kind ${kind} is none of ${[...byKind.keys()].join(', ')}`)
  return type
}

/** The path of all objects of a type, in one namespace or (`undefined`) in all. */
export function collectionPath({ apiVersion, plural, namespaced }: ResourceType, namespace?: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespaced && namespace !== undefined ? `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${group}/${plural}`
}

/** The path of one object. Throws when a namespaced one comes without namespace. */
export function objectPath(type: ResourceType, namespace: string | undefined, name: string): string {
  if (name === '') throw new TypeError(`a ${type.kind} without a name`)
  if (type.namespaced && !namespace) throw new TypeError(`${type.kind} ${name} without a namespace`)
  return `${collectionPath(type, namespace)}/${encodeURIComponent(name)}`
}

/** `Kind namespace/name`, for messages. */
export function describe({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`
}
