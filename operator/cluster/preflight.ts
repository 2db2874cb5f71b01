import type { OpenStackCluster, OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import { backingOf } from '../backing/index.ts'
import type { KubeClient } from '../kube/client.ts'
import { missingRight } from '../kube/error.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { KubeObject } from '../kube/types.ts'

/** Something that a cluster of Kubernetes lacks, and a cloud needs. */
export interface Want {
  readonly reason: 'StorageClassNotFound' | 'NamespaceNotPrivileged'
  /** What is missing, for which field, and how to mend it. */
  readonly message: string
}

/** What a cluster of Kubernetes has; `undefined`: the operator may not look. */
export interface Surroundings {
  readonly storageClasses: readonly KubeObject[] | undefined
  readonly namespace: KubeObject | undefined
  /** Whether there is a volume of this name from an earlier time. */
  readonly hasClaim: (name: string) => boolean
}

/** A volume of a cloud: the field that says of which class it is, and the name of its claim. */
interface Volume {
  readonly field: string
  readonly claim: string
  readonly storageClassName?: string | undefined
}

/** Every volume that a cloud claims. */
export function volumesOf(spec: OpenStackClusterSpec): Volume[] {
  const { database, messaging, coordination } = spec.backing
  const kept = { mariadb: { database }, rabbitmq: { messaging }, etcd: { coordination }, memcached: {} } as const
  const own = backingOf(spec).flatMap(({ name }) =>
    Object.entries(kept[name]).map(([field, { storage }]): Volume => ({
      field: `spec.backing.${field}.storage`,
      claim: `data-${name}-0`,
      storageClassName: storage.storageClassName,
    })),
  )
  const { storageClassName } = spec.services.glance.storage
  return [...own, { field: 'spec.services.glance.storage', claim: 'glance-images', storageClassName }]
}

/** All that is lacking. Pure. */
export function wantsOf({ metadata, spec }: Pick<OpenStackCluster, 'metadata' | 'spec'>, { storageClasses, namespace, hasClaim }: Surroundings): Want[] {
  const volumes = storageClasses === undefined ? [] : volumesOf(spec).filter(({ claim }) => !hasClaim(claim))
  const named = volumes.filter(
    ({ storageClassName }) => storageClassName !== undefined && !storageClasses?.some(({ metadata: { name } }) => name === storageClassName),
  )
  const unnamed = volumes.filter(({ storageClassName }) => storageClassName === undefined)
  const names =
    storageClasses
      ?.map(({ metadata: { name } }) => name)
      .toSorted()
      .join(', ') || 'none'
  const level = namespace?.metadata.labels?.[ENFORCE] ?? 'privileged'
  return [
    ...named.map(({ field, storageClassName }): Want => ({
      reason: 'StorageClassNotFound',
      message: `${field}.storageClassName: there is no StorageClass ${storageClassName}, there is ${names}: name one of them, or make it`,
    })),
    ...(unnamed.length > 0 && !storageClasses?.some(isDefault)
      ? [
          {
            reason: 'StorageClassNotFound',
            message: `no StorageClass is the default one, there is ${names}: set storageClassName in ${unnamed.map(({ field }) => field).join(', ')}, or make one the default (kubectl annotate storageclass NAME ${DEFAULT[0]}=true)`,
          } as const,
        ]
      : []),
    ...(level === 'privileged'
      ? []
      : [
          {
            reason: 'NamespaceNotPrivileged',
            message: `the namespace ${metadata.namespace} enforces the level ${level} of Pod Security, and pods of hypervisors and network agents are privileged: kubectl label namespace ${metadata.namespace} ${ENFORCE}=privileged --overwrite`,
          } as const,
        ]),
  ]
}

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces */
const ENFORCE = 'pod-security.kubernetes.io/enforce'

/** The second one is of old, and the API server still goes by it. */
const DEFAULT = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'] as const

function isDefault({ metadata }: KubeObject): boolean {
  return DEFAULT.some((annotation) => metadata.annotations?.[annotation] === 'true')
}

/** Looks at what a cluster of Kubernetes has. What the operator may not look at lacks nothing: pods and volumes will tell. */
export async function preflight(client: Pick<KubeClient, 'get' | 'list'>, cluster: OpenStackCluster, signal: AbortSignal): Promise<Want[]> {
  const { namespace } = cluster.metadata
  const [storageClasses, found, claims] = await Promise.all([
    allowed(client.list(ResourceTypes.storageClasses, {}, signal)),
    allowed(client.get(ResourceTypes.namespaces, undefined, namespace, signal)),
    client.list(ResourceTypes.persistentVolumeClaims, { namespace }, signal),
  ])
  const names = new Set(claims.items.map(({ metadata: { name } }) => name))
  return wantsOf(cluster, { storageClasses: storageClasses?.items, namespace: found, hasClaim: (name) => names.has(name) })
}

async function allowed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (missingRight(error) === undefined) throw error
    return undefined
  }
}
