import { apiVersion, hypervisorKind, manager } from '../api/v1alpha1/index.ts'
import type { HypervisorStatus } from '../api/v1alpha1/index.ts'
import type { HypervisorView } from '../compute/hypervisor-status.ts'
import { applied, differs } from '../kube/apply.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/types.ts'
import { metadata } from '../workloads/metadata.ts'
import type { Owner } from '../workloads/metadata.ts'
import { OwnWrites } from './own-writes.ts'
import { says } from './says.ts'
import { hypervisors } from './watches.ts'
import type { Watches } from './watches.ts'

/** So many are written at one time: a thousand new ones must not keep the API server from everybody else. */
const CONCURRENCY = 8
/** A new one that the watch does not show after this time, in ms, is gone again. */
const UNSEEN = 10_000

/** As much of the watches as is needed for them. */
export type SeenHypervisors = Pick<Watches, 'seesHypervisors' | 'hypervisor' | 'hypervisorsOf'>

/** What became of one hypervisor; without `before` it is new, without `after` it is one no more. */
export interface HypervisorChange {
  readonly node: string
  readonly before?: HypervisorStatus
  readonly after?: HypervisorStatus
}

/** The object of one hypervisor, without its status. It has the name of the node: a namespace holds one cloud. */
export function hypervisorObject(owner: Owner, node: string): KubeObject {
  return { apiVersion, kind: hypervisorKind, metadata: metadata(owner, node, 'nova'), spec: { cluster: owner.name, node } }
}

interface Made {
  readonly at: number
  readonly object: KubeObject
}

/** The Hypervisors of one cluster, kept as a view of it says. Only what differs is written. */
export class HypervisorRecords {
  readonly #client: Pick<KubeClient, 'apply' | 'delete'>
  readonly #watches: SeenHypervisors
  readonly #written = new OwnWrites()
  /** Those that are as wanted but for their status: what is wanted of one never changes, and to compare a thousand of them takes a while. */
  readonly #right = new WeakSet<KubeObject>()
  /** New ones that the watch has not shown yet. */
  readonly #made = new Map<string, Made>()

  constructor(client: Pick<KubeClient, 'apply' | 'delete'>, watches: SeenHypervisors) {
    this.#client = client
    this.#watches = watches
  }

  /** Makes, updates and removes; `told` gets each change once it is written. Throws, after all others were tried, where one could not be. */
  async write(owner: Owner, view: HypervisorView, now: Date, told: (changes: readonly HypervisorChange[]) => void, signal: AbortSignal): Promise<void> {
    // Without the watch, each would be made again and told as new. Once there is one, everybody is woken.
    if (!this.#watches.seesHypervisors()) return
    const wanted = new Set(view.nodes)
    const mine = this.#watches.hypervisorsOf(owner.uid)
    const surplus = mine.filter((object) => object.metadata.deletionTimestamp === undefined && !wanted.has(object.metadata.name))
    const changes: HypervisorChange[] = []
    const errors: unknown[] = []
    const work = [
      ...view.nodes.map((node) => async () => {
        const change = await this.#ensure(owner, node, view, now, signal)
        if (change !== undefined) changes.push(change)
      }),
      ...surplus.map((object) => async () => {
        await this.#remove(object, signal)
        changes.push({ node: object.metadata.name, before: statusOf(object) })
      }),
    ]
    const next = work.values()
    const worker = async (): Promise<void> => {
      for (const each of next) await each().catch((error: unknown) => errors.push(error))
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
    if (changes.length > 0) told(changes.toSorted((a, b) => (a.node < b.node ? -1 : 1)))
    if (errors.length > 0)
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} Hypervisors were not written: ${String(errors[0])}`)
  }

  async #ensure(owner: Owner, node: string, view: HypervisorView, now: Date, signal: AbortSignal): Promise<HypervisorChange | undefined> {
    const seen = this.#watches.hypervisor(owner.namespace, node)
    // One of a cloud that is gone and that is about to follow it: its end wakes us.
    if (seen !== undefined && !seen.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid)) {
      await this.#remove(seen, signal)
      return undefined
    }
    let live = this.#latest(node, seen, now.getTime())
    const before = live && statusOf(live)
    const status = view.statusOf(node, before, now)
    if (live === undefined || !this.#right.has(live)) {
      const desired = hypervisorObject(owner, node)
      if (live === undefined || differs(desired, live) !== undefined) {
        live = await this.#client.apply(hypervisors, applied(desired), { fieldManager: manager, force: true }, signal)
        this.#remember(live, seen, now.getTime())
      }
      this.#right.add(live)
    }
    if (says(statusOf(live), status)) return undefined
    const body = { apiVersion, kind: hypervisorKind, metadata: { name: node, namespace: owner.namespace }, status }
    const written = await this.#client.apply(hypervisors, body, { fieldManager: manager, force: true, subresource: 'status' }, signal)
    this.#remember(written, seen, now.getTime())
    return { node, ...(before === undefined ? {} : { before }), after: status }
  }

  /** As the watch or our own last write shows it, whichever is newer. */
  #latest(node: string, seen: KubeObject | undefined, now: number): KubeObject | undefined {
    if (seen !== undefined) return this.#written.newest(node, seen)
    const made = this.#made.get(node)
    return made !== undefined && now - made.at < UNSEEN ? made.object : undefined
  }

  #remember(object: KubeObject, seen: KubeObject | undefined, now: number): void {
    const { name } = object.metadata
    this.#written.remember(name, object)
    if (seen === undefined) this.#made.set(name, { at: now, object })
    else this.#made.delete(name)
  }

  async #remove({ metadata: { namespace, name, uid } }: KubeObject, signal: AbortSignal): Promise<void> {
    await this.#client.delete(hypervisors, namespace, name, { ...(uid === undefined ? {} : { uid }), propagationPolicy: 'Background' }, signal)
    this.#written.forget(name)
    this.#made.delete(name)
  }
}

function statusOf(object: KubeObject): HypervisorStatus | undefined {
  return object.status as HypervisorStatus | undefined
}
