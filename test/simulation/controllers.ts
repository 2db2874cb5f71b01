import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import type { ApiEvent, ModelApi } from './api.ts'
import type { VirtualClock } from './clock.ts'
import type { Dice } from './dice.ts'

export interface ControllersOptions {
  readonly api: ModelApi
  readonly clock: VirtualClock
  readonly dice: Dice
  /** Whether workloads have pods, too. Pods of DaemonSets, which a deletion waits for, there always are. */
  readonly pods: boolean
  /** Whether a Job that ends now has failed. */
  readonly jobFails: () => boolean
  /** Called with each Job that has done its work. */
  readonly onJobDone: (job: KubeObject) => void
}

/** Times in ms. */
const READY_IN = [200, 12_000] as const
const STEP = 1000

interface Template {
  readonly replicas?: number
  readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> } }[]
}

const { deployments, statefulSets, daemonSets, jobs, pods, nodes, persistentVolumeClaims } = ResourceTypes
const workloads: ReadonlyMap<string, ResourceType> = new Map([deployments, statefulSets, daemonSets, jobs].map((type) => [type.plural, type]))

/** What kube-controller-manager does with a cloud's objects: workloads get ready some time later, Jobs end, and what has lost its owner goes. */
export class Controllers {
  readonly #options: ControllersOptions
  readonly #uids: Set<string>

  constructor(options: ControllersOptions) {
    this.#options = options
    this.#uids = new Set(options.api.uids())
    options.api.listen((type, event) => this.#see(type, event))
  }

  /** All pods of a workload are gone for a while. */
  breakDown(type: ResourceType, { metadata }: KubeObject): void {
    const { api } = this.#options
    const status = { availableReplicas: 0, readyReplicas: 0, numberAvailable: 0 }
    api.patch(type, metadata.namespace, metadata.name, { status }, { subresource: 'status', fieldManager: 'kube-controller-manager' })
    this.#later(() => this.#settle(type, metadata.namespace, metadata.name))
  }

  #see(type: ResourceType, { type: what, object, old }: ApiEvent): void {
    const { uid = '', generation, namespace, name, ownerReferences = [] } = object.metadata
    if (what === 'DELETED') {
      this.#uids.delete(uid)
      this.#later(() => this.#collect(uid))
      return
    }
    if (what === 'ADDED') this.#uids.add(uid)
    if (ownerReferences.some((owner) => !this.#uids.has(owner.uid))) this.#later(() => ownerReferences.forEach((owner) => this.#collect(owner.uid)))
    const workload = workloads.get(type.plural)
    if (workload === undefined || (old !== undefined && old.metadata.generation === generation)) return
    this.#later(() => this.#settle(workload, namespace, name))
  }

  /** After a while, in steps that make things happen at one time. */
  #later(run: () => void): void {
    const { clock, dice } = this.#options
    clock.after(Math.ceil(dice.between(...READY_IN) / STEP) * STEP - (clock.now() % STEP), run)
  }

  #settle(type: ResourceType, namespace: string | undefined, name: string): void {
    const { api } = this.#options
    const object = api.get(type, namespace, name)
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
    const status = type.kind === 'Job' ? this.#jobStatus(object) : this.#workloadStatus(object)
    if (status === undefined) return
    if (type.kind === 'StatefulSet') this.#claim(object)
    if (this.#options.pods || type.kind === 'DaemonSet') this.#makePods(object)
    api.patch(type, namespace, name, { status }, { subresource: 'status', fieldManager: 'kube-controller-manager' })
  }

  #jobStatus(job: KubeObject): unknown {
    if (job.status !== undefined) return undefined
    const { jobFails, onJobDone, clock } = this.#options
    const lastTransitionTime = new Date(clock.now()).toISOString()
    if (jobFails()) return { conditions: [{ type: 'Failed', status: 'True', lastTransitionTime, message: 'by chance' }] }
    onJobDone(job)
    return { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime }] }
  }

  #workloadStatus({ metadata, spec }: KubeObject): unknown {
    const { replicas = 1 } = spec as Template
    const scheduled = this.#options.api.list(nodes).length
    return {
      observedGeneration: metadata.generation,
      replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
      readyReplicas: replicas,
      desiredNumberScheduled: scheduled,
      updatedNumberScheduled: scheduled,
      numberAvailable: scheduled,
    }
  }

  #claim({ metadata: { namespace, name }, spec }: KubeObject): void {
    const { api } = this.#options
    for (const { metadata } of (spec as Template).volumeClaimTemplates ?? []) {
      const claim = `${metadata.name}-${name}-0`
      if (api.get(persistentVolumeClaims, namespace, claim) !== undefined) continue
      const object = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: claim, namespace, ...(metadata.labels ? { labels: metadata.labels } : {}) },
      }
      api.create(persistentVolumeClaims, object, 'kube-controller-manager')
    }
  }

  /** Those of this generation, in the place of all others. */
  #makePods({ apiVersion, kind, metadata, spec }: KubeObject): void {
    const { api } = this.#options
    const { namespace, name, uid = '', generation } = metadata
    const { replicas = 1, template } = spec as Template
    const hosts = api.list(nodes).map((node) => node.metadata.name)
    const names = Array.from({ length: kind === 'DaemonSet' ? hosts.length : replicas }, (_, index) => `${name}-${generation}-${index}`)
    for (const pod of api.list(pods, { namespace })) {
      if (pod.metadata.ownerReferences?.some((owner) => owner.uid === uid) && !names.includes(pod.metadata.name)) api.delete(pods, namespace, pod.metadata.name)
    }
    for (const [index, pod] of names.entries()) {
      if (api.get(pods, namespace, pod) !== undefined) continue
      const labels = template?.metadata?.labels
      const owner = { apiVersion, kind, name, uid, controller: true }
      const meta = { name: pod, namespace, ...(labels ? { labels } : {}), ownerReferences: [owner] }
      api.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: meta, spec: { nodeName: hosts[index % hosts.length] } }, 'kube-controller-manager')
    }
  }

  /** Deletes what belonged to an object that is gone, and to none that is there. */
  #collect(uid: string): void {
    if (this.#uids.has(uid)) return
    const { api } = this.#options
    for (const type of Object.values(ResourceTypes)) {
      for (const { metadata } of api.list(type)) {
        const { ownerReferences: owners = [] } = metadata
        const isOrphan = owners.some((owner) => owner.uid === uid) && owners.every((owner) => !this.#uids.has(owner.uid))
        if (isOrphan) api.delete(type, metadata.namespace, metadata.name, metadata.uid === undefined ? {} : { uid: metadata.uid })
      }
    }
  }
}
