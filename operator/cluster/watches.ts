import { isDeepStrictEqual } from 'node:util'
import { apiVersion, hypervisorKind, hypervisorPlural, kind, labels, manager, plural } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { APPLIED_ANNOTATION } from '../kube/apply.ts'
import { Reflector } from '../kube/reflector.ts'
import type { ReflectorOptions, StoreChange } from '../kube/reflector.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { KubeObject, ResourceType } from '../kube/types.ts'
import { OwnWrites } from './own-writes.ts'

/** Where OpenStackClusters are in the API. */
export const openStackClusters: ResourceType = { apiVersion, kind, plural, namespaced: true }
/** Where Hypervisors are. */
export const hypervisors: ResourceType = { apiVersion, kind: hypervisorKind, plural: hypervisorPlural, namespaced: true }

const { secrets, services, persistentVolumeClaims, pods, nodes, deployments, statefulSets, daemonSets, jobs, podDisruptionBudgets } = ResourceTypes

/** Kinds that a cloud consists of; of each, only what carries the operator's label is watched. */
const parts = [secrets, services, persistentVolumeClaims, pods, deployments, statefulSets, daemonSets, jobs, podDisruptionBudgets] as const

/** The name of a cluster in the work queue. */
export function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace}/${name}`
}

/** What the watches need from their surroundings. */
export interface WatchesOptions extends Pick<ReflectorOptions, 'client' | 'log' | 'clock' | 'random'> {
  /** Called with the key of a cluster that something has changed for. */
  readonly wake: (key: string) => void
  /** The namespace whose clusters are looked after. Default: all. */
  readonly namespace?: string
}

/** Everything that the operator sees of Kubernetes, kept up to date by watches. A change wakes the cluster that it belongs to. */
export class Watches {
  readonly #wake: (key: string) => void
  /** Clusters as our own last writes left them. */
  readonly #written = new OwnWrites()
  readonly #clusters: Reflector
  readonly #nodes: Reflector
  readonly #hypervisors: Reflector
  readonly #parts: ReadonlyMap<string, Reflector>

  constructor({ wake, namespace, ...options }: WatchesOptions) {
    this.#wake = wake
    const namespaced = { ...options, namespace }
    const wakeOwner = ({ object: { metadata } }: StoreChange): void => {
      const cluster = metadata.labels?.[labels.partOf]
      if (cluster !== undefined) wake(keyOf(metadata.namespace, cluster))
    }
    this.#clusters = new Reflector({
      ...namespaced,
      type: openStackClusters,
      onChange: (change) => {
        const { type, object } = change
        const { namespace: space, name } = object.metadata
        if (this.#isOwn(change)) return
        wake(keyOf(space, name))
        if (type !== 'deleted') return
        this.#written.forget(keyOf(space, name))
        // Another one of the namespace may have waited for the end of this one.
        this.wakeAll(space)
      },
    })
    this.#nodes = new Reflector({ ...options, type: nodes, onChange: (change) => nodeMatters(change) && this.wakeAll() })
    const labelSelector = `${labels.managedBy}=${manager}`
    this.#hypervisors = new Reflector({ ...namespaced, type: hypervisors, labelSelector, onChange: (change) => isOthers(change) && wakeOwner(change) })
    // eslint-disable-next-line promise/prefer-await-to-then -- nobody waits for it: where there is no such kind it never comes
    for (const moment of [this.#hypervisors.synced, this.#hypervisors.settled]) void moment.then(() => this.wakeAll())
    this.#parts = new Map(parts.map((type) => [type.kind, new Reflector({ ...namespaced, type, labelSelector, onChange: wakeOwner })]))
  }

  /** Has every cluster looked at, of one namespace or of all. */
  wakeAll(namespace?: string): void {
    for (const { metadata } of this.#clusters.store.list(namespace)) this.#wake(keyOf(metadata.namespace, metadata.name))
  }

  /** Starts all watches; resolves once each has its first list, or no right to one, but for that of Hypervisors. They end with the signal. */
  async start(signal: AbortSignal): Promise<void> {
    const all = this.#all()
    for (const reflector of [...all, this.#hypervisors]) reflector.start(signal)
    await Promise.all(all.map(({ settled }) => settled))
  }

  /** Whether every watch that a cloud cannot do without has its first list. */
  isSynced(): boolean {
    return this.#all().every((reflector) => reflector.isSynced())
  }

  /** Kinds that the operator may not list, in the words of a role: `nodes`, `jobs.batch`. */
  forbidden(): readonly string[] {
    return this.#all()
      .filter((reflector) => reflector.isForbidden())
      .map(({ type }) => resourceOf(type))
  }

  /** Hypervisors where the operator may not list them: a cloud can do without. */
  forbiddenHypervisors(): string | undefined {
    return this.#hypervisors.isForbidden() ? resourceOf(hypervisors) : undefined
  }

  /** Lists everything of our own kinds again, since they were defined anew; who looks at a cluster again sees all of its fields. */
  refresh(): void {
    this.#clusters.refresh()
    this.#hypervisors.refresh()
  }

  /** A cluster as last seen, or as our own last write left it, whichever is newer; `undefined` once it is gone. */
  cluster(namespace: string, name: string): OpenStackCluster | undefined {
    const seen = this.#clusters.store.get(namespace, name)
    return this.#written.newest(keyOf(namespace, name), seen) as OpenStackCluster | undefined
  }

  /** Keeps what the API server answered to a write of ours to a cluster: when the watch shows it, it is no news. */
  wroteCluster(cluster: KubeObject): void {
    this.#written.remember(keyOf(cluster.metadata.namespace, cluster.metadata.name), cluster)
  }

  /** All clusters of a namespace. */
  clusters(namespace?: string): readonly OpenStackCluster[] {
    return this.#clusters.store.list(namespace) as unknown as readonly OpenStackCluster[]
  }

  nodes(): readonly KubeObject[] {
    return this.#nodes.store.list()
  }

  /** An object that a cloud consists of, as last seen. */
  live(namespace: string, objectKind: string, name: string): KubeObject | undefined {
    return this.#parts.get(objectKind)?.store.get(namespace, name)
  }

  /** Pods of one cluster. */
  pods(namespace: string, cluster: string): readonly KubeObject[] {
    const all = this.#parts.get('Pod')?.store.list(namespace) ?? []
    return all.filter(({ metadata }) => metadata.labels?.[labels.partOf] === cluster)
  }

  /** Every object that a cluster is the owner of. */
  ownedBy(uid: string): readonly KubeObject[] {
    return [...this.#parts.values()].flatMap(({ store }) => store.ownedBy(uid))
  }

  /** Whether Hypervisors are seen: the API server may not know the kind yet. */
  seesHypervisors(): boolean {
    return this.#hypervisors.isSynced()
  }

  hypervisor(namespace: string, name: string): KubeObject | undefined {
    return this.#hypervisors.store.get(namespace, name)
  }

  /** Every Hypervisor that a cluster is the owner of. */
  hypervisorsOf(uid: string): readonly KubeObject[] {
    return this.#hypervisors.store.ownedBy(uid)
  }

  /**
   * Every object of a cluster that somebody has taken its owner from: it would outlive the cluster, and the service that it belongs to. Volumes, which
   * never have one, are none of them.
   */
  strays(namespace: string, cluster: string): readonly KubeObject[] {
    const all = [...this.#parts.values()].flatMap(({ store }) => store.list(namespace))
    return all.filter(({ kind, metadata: { labels: given = {}, annotations = {}, ownerReferences = [] } }) => {
      const ours = given[labels.partOf] === cluster && APPLIED_ANNOTATION in annotations
      return ours && ownerReferences.length === 0 && kind !== persistentVolumeClaims.kind
    })
  }

  /**
   * Whether a change is what our own last write has done to the status, and nothing else: a watch that was away shows as one change what others wrote before
   * it, too. One of the same version is seen anew since its kind was.
   */
  #isOwn({ object, old }: StoreChange): boolean {
    if (old === undefined || old.metadata.resourceVersion === object.metadata.resourceVersion) return false
    return this.#written.has(keyOf(object.metadata.namespace, object.metadata.name), object) && isDeepStrictEqual(asked(object), asked(old))
  }

  #all(): Reflector[] {
    return [this.#clusters, this.#nodes, ...this.#parts.values()]
  }
}

/** `plural.group`, as `kubectl` and roles have it. */
function resourceOf({ apiVersion: version, plural: resource }: ResourceType): string {
  return version.includes('/') ? `${resource}.${version.slice(0, version.indexOf('/'))}` : resource
}

/** All of an object that is not for the operator alone to write. */
function asked(object: KubeObject): unknown {
  const { status: _, metadata, ...fields } = object
  const { resourceVersion: __, ...others } = metadata
  return { ...fields, metadata: others }
}

/** Not news is what only the status of a Hypervisor says: nobody but the operator writes that, and it has just done so. */
function isOthers({ type, object, old }: StoreChange): boolean {
  return type !== 'added' && JSON.stringify([object.spec, object.metadata.labels]) !== JSON.stringify([old?.spec, old?.metadata.labels])
}

/** A node reports itself every few seconds; what concerns a cloud are its labels, its addresses and whether it is ready. */
function nodeMatters({ object, old }: StoreChange): boolean {
  return old === undefined || JSON.stringify(nodeFacts(object)) !== JSON.stringify(nodeFacts(old))
}

function nodeFacts({ metadata, status }: KubeObject): unknown {
  const { addresses, conditions = [] } = (status ?? {}) as { addresses?: unknown; conditions?: readonly { type: string; status: string }[] }
  return [metadata.labels, metadata.deletionTimestamp, addresses, conditions.find(({ type }) => type === 'Ready')?.status]
}
