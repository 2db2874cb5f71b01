import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { apiVersion, finalizer, hypervisorKind, kind, manager } from '../api/v1alpha1/index.ts'
import { findCondition } from '../api/v1alpha1/conditions.ts'
import type { HypervisorStatus, OpenStackCluster, OpenStackClusterStatus } from '../api/v1alpha1/index.ts'
import { hypervisorView } from '../compute/hypervisor-status.ts'
import type { Credentials } from '../config/credentials.ts'
import { hashOf } from '../config/hash.ts'
import type { RandomBytes } from '../config/random.ts'
import { differs } from '../kube/apply.ts'
import type { KubeClient } from '../kube/client.ts'
import type { EventRecorder } from '../kube/events.ts'
import type { Log } from '../kube/log.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { KubeObject } from '../kube/types.ts'
import { credentialsSecretName } from '../model/scope.ts'
import type { Answer } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import { describeChange } from '../openstack/change.ts'
import { act, applyObject } from './act.ts'
import { conditionEvents } from './condition-events.ts'
import { decode, ensureCredentials } from './credentials.ts'
import type { Definitions } from './definitions.ts'
import { finalize } from './delete.ts'
import { Faults, lackOf, withFaults } from './faults.ts'
import type { Fault } from './faults.ts'
import { Follower } from './follower.ts'
import { namedSecrets, serviceObjects, wantedCredentials } from './foundation.ts'
import { stepsOf } from './graph.ts'
import { hypervisorEvents } from './hypervisor-events.ts'
import type { Want } from './preflight.ts'
import { HypervisorRecords } from './hypervisors.ts'
import type { HypervisorChange } from './hypervisors.ts'
import { Outside } from './outside.ts'
import type { OutsideOptions } from './outside.ts'
import { OwnWrites } from './own-writes.ts'
import { makePlan } from './plan.ts'
import type { PlannedStep } from './plan.ts'
import { imageOf, scopeOf } from './scope.ts'
import type { Observed } from './scope.ts'
import { blockedStatus, pausedStatus, statusOf } from './status.ts'
import { OutsideTasks } from './tasks.ts'
import { keyOf, openStackClusters } from './watches.ts'
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
  readonly preflight?: (cluster: OpenStackCluster, signal: AbortSignal) => Promise<readonly Want[]>
  /** Who makes the calls outside of Kubernetes. */
  readonly outside?: (options: OutsideOptions) => Pick<Outside, 'perform'>
  /** What a cluster is made of. */
  readonly steps?: (scope: Scope) => Step[]
}

/** When Secrets that the CR names, which are not watched, are read again, in ms. */
const SECRET_INTERVAL = 60_000
/** The same while one of them is missing, in ms. */
const MISSING_SECRET_INTERVAL = 15_000
/** When a deletion that waits for pods and nodes is looked at again although nothing happened, in ms: its patience has an end. */
const DELETION_INTERVAL = 10_000
/** When a cluster that waits for another one's end, or for rights of the operator's, is looked at again, in ms. The end wakes it as well. */
const BLOCKED_INTERVAL = 30_000
/** When a cluster that lacks something is looked at again, in ms: nothing tells that it is there. */
const LACKING_INTERVAL = 5000

/** The outside of one cluster, and the calls that are under way there. */
interface OutsideState {
  readonly fingerprint: string
  readonly tasks: OutsideTasks
}

/** Moves clouds towards what their OpenStackClusters say, one step at a time; the world is read anew each time. */
export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #now: () => number
  readonly #faults: Faults
  readonly #outside = new Map<string, OutsideState>()
  readonly #followers = new Map<string, Follower>()
  readonly #hypervisors = new Map<string, HypervisorRecords>()
  /** Clusters and their Secrets of credentials. */
  readonly #written = new OwnWrites()

  constructor(options: ReconcilerOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#faults = options.faults ?? new Faults()
  }

  /** One visit to a cluster. Throws what a retry may mend; a right that is missing is told, and asked for again after a while. */
  async reconcile(key: string, signal: AbortSignal): Promise<{ requeueAfter?: number }> {
    try {
      return await this.#visit(key, signal)
    } catch (error) {
      const message = lackOf(error)
      if (message === undefined) throw error
      this.#options.log.error('a right is missing', { cluster: key, message })
      const cluster = this.#latest(key)
      if (cluster !== undefined) await this.#block(cluster, { reason: 'MissingRights', message }, signal)
      return { requeueAfter: BLOCKED_INTERVAL }
    }
  }

  /** Says why a cluster is left as it is. Where even that is not allowed, `/readyz` says so. */
  async #block(cluster: OpenStackCluster, condition: { reason: string; message: string }, signal: AbortSignal): Promise<void> {
    try {
      await this.#writeStatus(cluster, blockedStatus(cluster, { ...condition, stalled: true }, this.#time()), signal)
    } catch (error) {
      if (lackOf(error) === undefined) throw error
    }
  }

  async #visit(key: string, signal: AbortSignal): Promise<{ requeueAfter?: number }> {
    const cluster = this.#latest(key)
    if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) this.#forget(key)
    if (cluster === undefined) return {}
    if (cluster.metadata.deletionTimestamp !== undefined) return this.#delete(cluster, signal)
    const { watches, definitions } = this.#options
    const forbidden = watches.forbidden()
    if (forbidden.length > 0) {
      await this.#block(cluster, { reason: 'MissingRights', message: `${missingLists(forbidden)}; until then everything stays as it is` }, signal)
      return { requeueAfter: BLOCKED_INTERVAL }
    }
    const outdated = definitions?.fault()
    if (outdated?.blocks) {
      await this.#block(cluster, outdated, signal)
      return { requeueAfter: BLOCKED_INTERVAL }
    }
    const rival = this.#rival(cluster)
    if (rival !== undefined) {
      const message = `the namespace ${cluster.metadata.namespace} holds the OpenStackCluster ${rival} already, and a namespace can hold one: make this one in another namespace`
      await this.#block(cluster, { reason: 'NamespaceInUse', message }, signal)
      return { requeueAfter: BLOCKED_INTERVAL }
    }
    if (cluster.spec.paused) return this.#look(cluster, signal)
    const [want, ...others] = await this.#wants(cluster, signal)
    if (want !== undefined) {
      await this.#block(cluster, { reason: want.reason, message: [want, ...others].map(({ message }) => message).join('; ') }, signal)
      return { requeueAfter: LACKING_INTERVAL }
    }
    return this.#normal(cluster, signal)
  }

  /** What is lacking for a cloud of which nothing was made yet; one that is there tells by itself what it waits for. */
  async #wants(cluster: OpenStackCluster, signal: AbortSignal): Promise<readonly Want[]> {
    const { watches, preflight } = this.#options
    return preflight === undefined || watches.ownedBy(cluster.metadata.uid).length > 0 ? [] : preflight(cluster, signal)
  }

  /** What the outside of a cluster answered last, step by step; for the metrics. */
  answers(key: string): readonly Answer[] {
    return this.#outside.get(key)?.tasks.answers() ?? []
  }

  /** A paused cluster: its status goes on to tell what is seen. Nothing is made or changed, and nobody outside of Kubernetes is asked. */
  async #look(cluster: OpenStackCluster, signal: AbortSignal): Promise<{ requeueAfter?: number }> {
    const { name, namespace } = cluster.metadata
    const { steps = stepsOf } = this.#options
    const credentials = decode(this.#options.watches.live(namespace, 'Secret', credentialsSecretName(name))?.data)
    const secrets = await this.#namedSecrets(cluster, signal)
    const result = scopeOf(this.#observed(cluster, credentials, secrets, this.#outside.get(keyOf(namespace, name))?.tasks))
    // Something may never have been made: there is nothing to compare with then.
    const whole = Object.keys(wantedCredentials(cluster.spec)).every((each) => each in credentials)
    const seen = 'scope' in result && whole ? { scope: result.scope, plan: makePlan(result.scope, steps(result.scope)) } : undefined
    await this.#writeStatus(cluster, pausedStatus(cluster, seen, this.#time()), signal)
    return secrets.size > 0 ? { requeueAfter: SECRET_INTERVAL } : {}
  }

  #observed(cluster: OpenStackCluster, credentials: Credentials, secrets: Observed['namedSecrets'], tasks: OutsideTasks | undefined): Observed {
    const { watches, imageTags, operatorImage } = this.#options
    const { name, namespace } = cluster.metadata
    const pods = watches.pods(namespace, name)
    const follower = this.#followers.get(keyOf(namespace, name))
    return {
      cluster,
      credentials,
      namedSecrets: secrets,
      nodes: watches.nodes(),
      live: (objectKind, objectName) => watches.live(namespace, objectKind, objectName),
      pods,
      said: (pod) => follower?.said(pod),
      outside: (step, call) => (call === undefined ? tasks?.last(step) : tasks?.result(step, call)),
      imageTags,
      operatorImage,
    }
  }

  async #normal(found: OpenStackCluster, signal: AbortSignal): Promise<{ requeueAfter?: number }> {
    const { client, watches, randomBytes: random = randomBytes, steps = stepsOf } = this.#options
    const cluster = await this.#withFinalizer(found, signal)
    const { name, namespace, uid } = cluster.metadata
    const key = keyOf(namespace, name)
    const known = this.#written.newest(`${key} credentials`, watches.live(namespace, 'Secret', credentialsSecretName(name)))
    const live = (secret: string) => watches.live(namespace, 'Secret', secret)
    const kept = await ensureCredentials({ client, cluster, known, live, random, now: this.#now() }, signal)
    if ('lost' in kept) {
      await this.#block(cluster, { reason: 'CredentialsLost', message: kept.lost }, signal)
      return { requeueAfter: MISSING_SECRET_INTERVAL }
    }
    const { credentials, secret, rotationDueAt, repairs } = kept
    if (secret !== known) this.#written.remember(`${key} credentials`, secret)
    for (const repair of repairs) this.#options.events.record(asObject(cluster), 'Warning', 'CredentialRepaired', `Secret ${secret.metadata.name}: ${repair}`)
    const foundation = await this.#applyServices(cluster, signal)
    const secrets = await this.#namedSecrets(cluster, signal)
    const { tasks } = this.#outsideOf(cluster, credentials)
    this.#followerOf(key).keep(watches.pods(namespace, name))
    const result = scopeOf(this.#observed(cluster, credentials, secrets, tasks))
    if ('waitsFor' in result) {
      await this.#writeStatus(
        cluster,
        blockedStatus(cluster, { reason: 'Progressing', message: `waits for ${result.waitsFor}`, stalled: false }, this.#time()),
        signal,
      )
      return {}
    }
    const plan = makePlan(result.scope, steps(result.scope))
    tasks.keep(new Set(plan.map(({ id }) => id)))
    const ours = [...watches.ownedBy(uid), ...watches.strays(namespace, name)]
    const owned = ours.filter((object) => object.kind !== 'Service' || !foundation.has(object.metadata.name))
    const { refused, errors: failures, retryAfter } = await act({ client, cluster, plan, tasks, owned, now: this.#now() }, signal)
    const errors = this.#faults.take(key, 'act', failures)
    const seen = plan.map((step) => withRefusal(step, refused))
    this.#tellProblems(cluster, seen)
    await this.#writeStatus(cluster, statusOf(cluster, result.scope, seen, this.#time()), signal)
    errors.push(...this.#faults.take(key, 'hypervisors', await this.#writeHypervisors(cluster, result.scope, signal)))
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(String).join('; '))
    const missing = seen.some(({ problem }) => problem?.reason === 'SecretNotFound')
    const interval = missing ? MISSING_SECRET_INTERVAL : secrets.size > 0 || refused.size > 0 ? SECRET_INTERVAL : Infinity
    const faulty = this.#faultsOf(key).length > 0 ? BLOCKED_INTERVAL : Infinity
    const requeueAfter = Math.min(retryAfter ?? Infinity, interval, faulty, Math.max(0, rotationDueAt - this.#now()))
    return requeueAfter === Infinity ? {} : { requeueAfter }
  }

  async #delete(cluster: OpenStackCluster, signal: AbortSignal): Promise<{ requeueAfter?: number }> {
    if (!cluster.metadata.finalizers?.includes(finalizer)) return {}
    const { client, watches, imageTags, operatorImage } = this.#options
    const state = await finalize({ client, watches, cluster, now: this.#now(), image: (name) => imageOf({ cluster, imageTags, operatorImage }, name) }, signal)
    if ('waitsFor' in state) {
      await this.#writeStatus(cluster, blockedStatus(cluster, { reason: 'Deleting', message: state.waitsFor, stalled: false }, this.#time()), signal)
      return { requeueAfter: DELETION_INTERVAL }
    }
    if (state.abandoned !== undefined) {
      const message = `the cloud is deleted although it still waited for ${state.abandoned}: guests, network namespaces and disks may be left there (docs/operations.md, "Delete")`
      this.#options.events.record(asObject(cluster), 'Warning', 'DeletionGaveUp', message)
      this.#options.log.warn('deletion gave up', { cluster: keyOf(cluster.metadata.namespace, cluster.metadata.name), message })
    }
    const finalizers = cluster.metadata.finalizers.filter((each) => each !== finalizer)
    await this.#patchMetadata(cluster, { finalizers }, signal)
    return {}
  }

  /** The cluster of a key, as the watch or our own last write shows it, whichever is newer. */
  #latest(key: string): OpenStackCluster | undefined {
    const seen = this.#options.watches.cluster(...splitKey(key)) as KubeObject | undefined
    return this.#written.newest(key, seen) as OpenStackCluster | undefined
  }

  #forget(key: string): void {
    this.#outside.get(key)?.tasks.keep(new Set())
    this.#outside.delete(key)
    this.#followers.get(key)?.keep([])
    this.#followers.delete(key)
    this.#hypervisors.delete(key)
    this.#faults.forget(key)
    if (this.#options.watches.cluster(...splitKey(key)) === undefined) this.#written.forget(key)
    this.#written.forget(`${key} credentials`)
  }

  /** An older cluster of the same namespace: its objects have the same names. */
  #rival(cluster: OpenStackCluster): string | undefined {
    return this.#options.watches.clusters(cluster.metadata.namespace).find((other) => ageOf(other) < ageOf(cluster))?.metadata.name
  }

  async #withFinalizer(cluster: OpenStackCluster, signal: AbortSignal): Promise<OpenStackCluster> {
    const { finalizers = [] } = cluster.metadata
    return finalizers.includes(finalizer) ? cluster : this.#patchMetadata(cluster, { finalizers: [...finalizers, finalizer] }, signal)
  }

  async #patchMetadata(cluster: OpenStackCluster, metadata: { finalizers: string[] }, signal: AbortSignal): Promise<OpenStackCluster> {
    const { name, namespace, resourceVersion } = cluster.metadata
    const body = { metadata: { ...metadata, resourceVersion } }
    const patched = await this.#options.client.patch(openStackClusters, namespace, name, body, { type: 'merge', fieldManager: manager }, signal)
    return this.#remember(patched)
  }

  #remember(object: KubeObject): OpenStackCluster {
    this.#written.remember(keyOf(object.metadata.namespace, object.metadata.name), object)
    return object as unknown as OpenStackCluster
  }

  /** The foundation's Services, brought to what they should be. Returns their names. */
  async #applyServices(cluster: OpenStackCluster, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { client, watches } = this.#options
    const { namespace } = cluster.metadata
    const services = serviceObjects({ ...cluster.metadata, spec: cluster.spec })
    const changed = services.filter((desired) => {
      const live = watches.live(namespace, 'Service', desired.metadata.name)
      return live === undefined || differs(desired, live) !== undefined
    })
    await Promise.all(changed.map((desired) => applyObject(client, desired, signal)))
    return new Set(services.map((service) => service.metadata.name))
  }

  /** Secrets that the CR names, by name. One that is missing is not in it. */
  async #namedSecrets({ metadata, spec }: OpenStackCluster, signal: AbortSignal): Promise<Map<string, Record<string, string>>> {
    const names = [...new Set(namedSecrets(spec).map(({ secret }) => secret.name))]
    const found = await Promise.all(names.map((name) => this.#options.client.get(ResourceTypes.secrets, metadata.namespace, name, signal)))
    return new Map(found.flatMap((secret) => (secret === undefined ? [] : [[secret.metadata.name, decode(secret.data)]])))
  }

  #outsideOf(cluster: OpenStackCluster, credentials: Credentials): OutsideState {
    const key = keyOf(cluster.metadata.namespace, cluster.metadata.name)
    const password = credentials['keystone.admin'] ?? ''
    const fingerprint = hashOf([cluster.metadata.uid, password, cluster.spec.region], 64)
    const known = this.#outside.get(key)
    if (known?.fingerprint === fingerprint) return known
    known?.tasks.keep(new Set())
    const { wake, events, random = Math.random, outside: make = (options: OutsideOptions) => new Outside(options) } = this.#options
    const outside = make({ namespace: cluster.metadata.namespace, region: cluster.spec.region, password })
    const tasks = new OutsideTasks({
      run: (call, signal) => outside.perform(call, signal),
      wake: (delay) => wake(key, delay),
      changed: (step, changes) => events.record(asObject(cluster), 'Normal', 'Changed', `${step}: ${changes.map(describeChange).join(', ')}`),
      now: this.#now,
      random,
    })
    const state = { fingerprint, tasks }
    this.#outside.set(key, state)
    return state
  }

  #followerOf(key: string): Follower {
    const { client, wake } = this.#options
    const known = this.#followers.get(key)
    if (known !== undefined) return known
    const onEnd = (error?: unknown) => void this.#faults.take(key, 'follower', error === undefined ? [] : [error])
    const follower = new Follower({ client, wake: (delay) => wake(key, delay), now: this.#now, onEnd })
    this.#followers.set(key, follower)
    return follower
  }

  /** Returns what has failed. */
  async #writeHypervisors(cluster: OpenStackCluster, scope: Scope, signal: AbortSignal): Promise<unknown[]> {
    const { client, watches, events, definitions } = this.#options
    const key = keyOf(scope.namespace, scope.name)
    const records = this.#hypervisors.get(key) ?? new HypervisorRecords(client, watches)
    this.#hypervisors.set(key, records)
    const told = (changes: readonly HypervisorChange[]): void => {
      for (const { type, reason, message } of hypervisorEvents(changes)) events.record(asObject(cluster), type, reason, message)
    }
    const view = hypervisorView(scope)
    const fit = (status: HypervisorStatus) => definitions?.fit(hypervisorKind, status) ?? status
    try {
      await records.write(scope, { nodes: view.nodes, statusOf: (...parameters) => fit(view.statusOf(...parameters)) }, this.#time(), told, signal)
      return []
    } catch (error) {
      return [error]
    }
  }

  #faultsOf(key: string): Fault[] {
    const { watches, definitions } = this.#options
    const unseen = watches.forbiddenHypervisors()
    const outdated = definitions?.fault()
    return [
      ...this.#faults.of(key),
      ...(unseen === undefined ? [] : [{ reason: 'MissingRights' as const, message: missingLists([unseen]) }]),
      ...(outdated === undefined || outdated.blocks ? [] : [outdated]),
    ]
  }

  /** Writes the status if it says something new, and events where the cloud or a part of it became ready or stopped being so. */
  async #writeStatus(cluster: OpenStackCluster, found: OpenStackClusterStatus, signal: AbortSignal): Promise<void> {
    // Whoever upgrades the operator can tell the new one's word from the old one's.
    const { client, events, log, definitions } = this.#options
    const { name, namespace } = cluster.metadata
    const faults = this.#faultsOf(keyOf(namespace, name))
    const whole = { ...withFaults(cluster, found, faults, this.#time()), operator: this.#options.operatorImage }
    const status = definitions?.fit(kind, whole) ?? whole
    if (says(cluster.status, status)) return
    const body = { apiVersion, kind, metadata: { name, namespace }, status }
    try {
      this.#remember(await client.apply(openStackClusters, body, { fieldManager: manager, force: true, subresource: 'status' }, signal))
      this.#faults.takeUntold('status')
    } catch (error) {
      this.#faults.takeUntold('status', error)
      throw error
    }
    for (const { type, reason, message } of conditionEvents(cluster.status?.conditions, status.conditions))
      events.record(asObject(cluster), type, reason, message)
    const before = findCondition(cluster.status?.conditions, 'Ready')
    const after = findCondition(status.conditions, 'Ready')
    if (after !== undefined && (before?.status !== after.status || before.reason !== after.reason))
      log.info('cluster state', { cluster: keyOf(namespace, name), ready: after.status, reason: after.reason, message: after.message })
  }

  /** A Warning for each problem that the last status did not have. */
  #tellProblems(cluster: OpenStackCluster, plan: readonly PlannedStep[]): void {
    for (const { id, problem } of plan) {
      const before = cluster.status?.steps?.find((step) => step.id === id)
      if (problem === undefined || (before?.state === 'Failed' && before.message === problem.message)) continue
      this.#options.events.record(asObject(cluster), 'Warning', problem.reason, `${id}: ${problem.message}`)
    }
  }

  #time(): Date {
    return new Date(this.#now())
  }
}

/** Sorts before that of a younger cluster. */
function ageOf({ metadata }: OpenStackCluster): string {
  return `${metadata.creationTimestamp} ${metadata.name}`
}

function splitKey(key: string): [namespace: string, name: string] {
  const [namespace = '', name = ''] = key.split('/')
  return [namespace, name]
}

function missingLists(resources: readonly string[]): string {
  return `the operator's ServiceAccount may not list and watch ${resources.join(', ')}: grant it list and watch of them${
    resources.includes('nodes') ? ' (nodes belong to no namespace, so that it takes a ClusterRole and a ClusterRoleBinding)' : ''
  }`
}

function withRefusal(step: PlannedStep, refused: ReadonlyMap<string, PlannedStep['problem']>): PlannedStep {
  const problem = refused.get(step.id)
  return problem === undefined ? step : { ...step, state: 'Failed', message: problem.message, problem }
}

function asObject(cluster: OpenStackCluster): KubeObject {
  return { apiVersion, kind, metadata: cluster.metadata }
}

/** Whether a live status says all that is to be said, and nothing else. */
function says(live: OpenStackClusterStatus | undefined, wanted: OpenStackClusterStatus): boolean {
  if (live === undefined) return false
  // As JSON has it: a field that is undefined is not there.
  const text = JSON.stringify(wanted)
  if (said.get(live) === text) return true
  const isSame = isDeepStrictEqual(JSON.parse(text), live)
  if (isSame) said.set(live, text)
  return isSame
}

/** What live statuses say, as text: nearly every look at a cloud finds the same status and has the same to say. */
const said = new WeakMap<OpenStackClusterStatus, string>()
