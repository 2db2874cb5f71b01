import { randomBytes } from 'node:crypto'
import { finalizer } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { RandomBytes } from '../config/random.ts'
import type { KubeClient } from '../kube/client.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { Log } from '../kube/log.ts'
import type { Answer } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import type { ReconcileResult } from '../runtime/controller.ts'
import { Background } from './background.ts'
import type { MakeOutside } from './background.ts'
import { BringUp } from './bring-up.ts'
import { Clusters } from './clusters.ts'
import { CredentialKeeper } from './credential-keeper.ts'
import type { Definitions } from './definitions.ts'
import { finalize } from './delete.ts'
import { Faults, lackOf } from './faults.ts'
import { stepsOf } from './graph.ts'
import { BLOCKED_INTERVAL, Guards } from './guards.ts'
import type { Hold, Preflight } from './guards.ts'
import { Observer } from './observer.ts'
import { Reporter } from './reporter.ts'
import { imageOf } from './scope.ts'
import { keyOf } from './watches.ts'
import type { Watches } from './watches.ts'

/** What the reconcile needs from its surroundings. */
export interface ReconcilerOptions {
  readonly client: KubeClient
  readonly watches: Watches
  readonly events: EventRecorder
  readonly log: Log
  /** Puts a cluster into the queue again after so many milliseconds. */
  readonly wake: (key: string, delay: number) => void
  /** Tags of the release's images, by their short name. */
  readonly imageTags: Readonly<Record<string, string>>
  readonly operatorImage: string
  readonly now?: () => number
  readonly random?: () => number
  readonly randomBytes?: RandomBytes
  /** What is wrong with the installation. */
  readonly faults?: Faults
  /** How old the API server's definitions are. Default: as new as the operator. */
  readonly definitions?: Pick<Definitions, 'fault' | 'fit'>
  /** What is lacking before anything of a cluster is made. Default: nothing. */
  readonly preflight?: Preflight
  /** Who makes the calls outside of Kubernetes. */
  readonly outside?: MakeOutside
  /** What a cluster is made of. */
  readonly steps?: (scope: Scope) => Step[]
}

/** When a deletion that waits for pods and nodes is looked at again although nothing happened, in ms: its patience has an end. */
const DELETION_INTERVAL = 10_000

/** Moves clouds towards what their OpenStackClusters say, one step at a time; the world is read anew each time. */
export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #now: () => number
  readonly #clusters: Clusters
  readonly #guards: Guards
  readonly #reporter: Reporter
  readonly #background: Background
  readonly #keeper: CredentialKeeper
  readonly #bringUp: BringUp

  constructor(options: ReconcilerOptions) {
    const { client, watches, events, log, wake, imageTags, operatorImage, definitions, preflight, outside } = options
    const { now = Date.now, random = Math.random, faults = new Faults(), steps = stepsOf } = options
    this.#options = options
    this.#now = now
    this.#clusters = new Clusters(client, watches)
    this.#guards = new Guards({ watches, definitions, preflight })
    this.#reporter = new Reporter({ client, watches, clusters: this.#clusters, events, log, faults, definitions, operatorImage, now })
    this.#background = new Background({ client, faults, reporter: this.#reporter, wake, outside, now, random })
    this.#keeper = new CredentialKeeper({ client, watches, now, random: options.randomBytes ?? randomBytes })
    this.#bringUp = new BringUp({
      client,
      watches,
      keeper: this.#keeper,
      background: this.#background,
      observer: new Observer({ client, watches, background: this.#background, imageTags, operatorImage }),
      reporter: this.#reporter,
      faults,
      steps,
      now,
    })
  }

  /** One visit to a cluster. Throws what a retry may mend; a right that is missing is told, and asked for again after a while. */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    try {
      return await this.#visit(key, signal)
    } catch (error) {
      const message = lackOf(error)
      if (message === undefined) throw error
      this.#options.log.error('a right is missing', { cluster: key, message })
      const cluster = this.#clusters.latest(key)
      if (cluster !== undefined) await this.#reporter.held(cluster, { reason: 'MissingRights', message }, signal)
      return { requeueAfter: BLOCKED_INTERVAL }
    }
  }

  /** What the outside of a cluster answered last, step by step; for the metrics. */
  answers(key: string): readonly Answer[] {
    return this.#background.answers(key)
  }

  async #visit(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const cluster = this.#clusters.latest(key)
    if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) this.#forget(key)
    if (cluster === undefined) return {}
    if (cluster.metadata.deletionTimestamp !== undefined) return this.#delete(cluster, signal)
    const hold = this.#guards.hold(cluster)
    if (hold !== undefined) return this.#leave(cluster, hold, signal)
    if (cluster.spec.paused) return this.#bringUp.look(cluster, signal)
    const lack = await this.#guards.lack(cluster, signal)
    if (lack !== undefined) return this.#leave(cluster, lack, signal)
    return this.#bringUp.run(await this.#clusters.withFinalizer(cluster, signal), signal)
  }

  async #leave(cluster: OpenStackCluster, { reason, message, requeueAfter }: Hold, signal: AbortSignal): Promise<ReconcileResult> {
    await this.#reporter.held(cluster, { reason, message }, signal)
    return { requeueAfter }
  }

  async #delete(cluster: OpenStackCluster, signal: AbortSignal): Promise<ReconcileResult> {
    if (!cluster.metadata.finalizers?.includes(finalizer)) return {}
    const { client, watches, imageTags, operatorImage } = this.#options
    const state = await finalize({ client, watches, cluster, now: this.#now(), image: (name) => imageOf({ cluster, imageTags, operatorImage }, name) }, signal)
    if ('waitsFor' in state) {
      await this.#reporter.waiting(cluster, { reason: 'Deleting', message: state.waitsFor }, signal)
      return { requeueAfter: DELETION_INTERVAL }
    }
    if (state.abandoned !== undefined) {
      const message = `the cloud is deleted although it still waited for ${state.abandoned}: guests, network namespaces and disks may be left there (docs/operations.md, "Delete")`
      this.#reporter.tell(cluster, { type: 'Warning', reason: 'DeletionGaveUp', message })
      this.#options.log.warn('deletion gave up', { cluster: keyOf(cluster.metadata.namespace, cluster.metadata.name), message })
    }
    await this.#clusters.release(cluster, signal)
    return {}
  }

  /** Ends and forgets what was kept of a cluster that goes or has gone. */
  #forget(key: string): void {
    this.#background.end(key)
    this.#reporter.forget(key)
    this.#keeper.forget(key)
  }
}
