import { findCondition } from '../api/v1alpha1/conditions.ts'
import { apiVersion, hypervisorKind, kind } from '../api/v1alpha1/index.ts'
import type { HypervisorStatus, OpenStackCluster, OpenStackClusterStatus } from '../api/v1alpha1/index.ts'
import { hypervisorView } from '../compute/hypervisor-status.ts'
import type { HypervisorView } from '../compute/hypervisor-status.ts'
import type { KubeClient } from '../kube/client.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { Log } from '../kube/log.ts'
import type { Scope } from '../model/scope.ts'
import type { Clusters } from './clusters.ts'
import { conditionEvents } from './condition-events.ts'
import type { Definitions } from './definitions.ts'
import { lackOf, missingLists, withFaults } from './faults.ts'
import type { Fault, Faults } from './faults.ts'
import { hypervisorEvents } from './hypervisor-events.ts'
import type { Told } from './hypervisor-events.ts'
import { HypervisorRecords } from './hypervisors.ts'
import type { SeenHypervisors } from './hypervisors.ts'
import type { PlannedStep } from './plan.ts'
import { says } from './says.ts'
import { blockedStatus } from './status.ts'
import { keyOf } from './watches.ts'
import type { Watches } from './watches.ts'

/** What the reporter needs from its surroundings. */
export interface ReporterOptions {
  readonly client: Pick<KubeClient, 'apply' | 'delete'>
  readonly watches: SeenHypervisors & Pick<Watches, 'forbiddenHypervisors'>
  readonly clusters: Pick<Clusters, 'writeStatus'>
  readonly events: Pick<EventRecorder, 'record'>
  readonly log: Log
  readonly faults: Faults
  /** How old the API server's definitions are. Default: as new as the operator. */
  readonly definitions: Pick<Definitions, 'fault' | 'fit'> | undefined
  readonly operatorImage: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Tells people of clusters: in the status, in events, in the log and in a Hypervisor for each node. What was said already is not said again. */
export class Reporter {
  readonly #options: ReporterOptions
  readonly #hypervisors = new Map<string, HypervisorRecords>()

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  /**
   * Writes a status if it says something new, with what is wrong with the installation, and events where the cloud or a part of it became ready or stopped
   * being so. Throws where it cannot be written.
   */
  async status(cluster: OpenStackCluster, found: OpenStackClusterStatus, signal: AbortSignal): Promise<void> {
    const { clusters, log, definitions, faults, operatorImage } = this.#options
    const key = keyOf(cluster.metadata.namespace, cluster.metadata.name)
    // Whoever upgrades the operator can tell the new one's word from the old one's.
    const whole = { ...withFaults(cluster, found, this.faultsOf(key), this.#time()), operator: operatorImage }
    const status = definitions?.fit(kind, whole) ?? whole
    if (says(cluster.status, status)) return
    try {
      await clusters.writeStatus(cluster, status, signal)
      faults.takeUntold('status')
    } catch (error) {
      faults.takeUntold('status', error)
      throw error
    }
    this.tell(cluster, ...conditionEvents(cluster.status?.conditions, status.conditions))
    const before = findCondition(cluster.status?.conditions, 'Ready')
    const after = findCondition(status.conditions, 'Ready')
    if (after !== undefined && (before?.status !== after.status || before.reason !== after.reason))
      log.info('cluster state', { cluster: key, ready: after.status, reason: after.reason, message: after.message })
  }

  /** Says what a cluster waits for that cannot be planned yet. Throws where that cannot be written. */
  waiting(cluster: OpenStackCluster, condition: { readonly reason: string; readonly message: string }, signal: AbortSignal): Promise<void> {
    return this.status(cluster, blockedStatus(cluster, { ...condition, stalled: false }, this.#time()), signal)
  }

  /** Says why a cluster is left as it is. Where even that is not allowed, `/readyz` says so. */
  async held(cluster: OpenStackCluster, { reason, message }: { readonly reason: string; readonly message: string }, signal: AbortSignal): Promise<void> {
    try {
      await this.status(cluster, blockedStatus(cluster, { reason, message, stalled: true }, this.#time()), signal)
    } catch (error) {
      if (lackOf(error) === undefined) throw error
    }
  }

  /** Events of a cluster. */
  tell({ metadata }: OpenStackCluster, ...news: readonly Told[]): void {
    for (const { type, reason, message } of news) this.#options.events.record({ apiVersion, kind, metadata }, type, reason, message)
  }

  /** A Warning for each problem that the last status did not have. */
  problems(cluster: OpenStackCluster, plan: readonly PlannedStep[]): void {
    for (const { id, problem } of plan) {
      const before = cluster.status?.steps?.find((step) => step.id === id)
      if (problem === undefined || (before?.state === 'Failed' && before.message === problem.message)) continue
      this.tell(cluster, { type: 'Warning', reason: problem.reason, message: `${id}: ${problem.message}` })
    }
  }

  /** Brings the Hypervisors of a cluster to what its scope shows, with an event of what became of them. Returns what has failed. */
  async hypervisors(cluster: OpenStackCluster, scope: Scope, signal: AbortSignal): Promise<unknown[]> {
    const { client, watches, definitions, faults } = this.#options
    const key = keyOf(scope.namespace, scope.name)
    const records = this.#hypervisors.get(key) ?? new HypervisorRecords(client, watches)
    this.#hypervisors.set(key, records)
    const view = hypervisorView(scope)
    const fit = (status: HypervisorStatus) => definitions?.fit(hypervisorKind, status) ?? status
    const fitting: HypervisorView = { nodes: view.nodes, statusOf: (node, before, now) => fit(view.statusOf(node, before, now)) }
    const errors: unknown[] = []
    try {
      await records.write(scope, fitting, this.#time(), (changes) => this.tell(cluster, ...hypervisorEvents(changes)), signal)
    } catch (error) {
      errors.push(error)
    }
    return faults.take(key, 'hypervisors', errors)
  }

  /** What is wrong with the installation, as one cluster sees it. */
  faultsOf(key: string): Fault[] {
    const { watches, definitions, faults } = this.#options
    const unseen = watches.forbiddenHypervisors()
    const outdated = definitions?.fault()
    return [
      ...faults.of(key),
      ...(unseen === undefined ? [] : [{ reason: 'MissingRights' as const, message: missingLists([unseen]) }]),
      ...(outdated === undefined || outdated.blocks ? [] : [outdated]),
    ]
  }

  /** A cluster is gone, or about to go. */
  forget(key: string): void {
    this.#hypervisors.delete(key)
    this.#options.faults.forget(key)
  }

  #time(): Date {
    return new Date(this.#options.now())
  }
}
