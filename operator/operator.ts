import { group, manager, plural } from './api/v1alpha1/index.ts'
import { Definitions } from './cluster/definitions.ts'
import { Faults } from './cluster/faults.ts'
import { preflight } from './cluster/preflight.ts'
import { registerCloudMetrics } from './cluster/metrics/register.ts'
import { seenClouds } from './cluster/metrics/seen.ts'
import { Reconciler } from './cluster/reconciler.ts'
import type { ReconcilerOptions } from './cluster/reconciler.ts'
import { Watches } from './cluster/watches.ts'
import { connect } from './kube/rest-client.ts'
import type { KubeClient } from './kube/client.ts'
import { EventRecorder } from './kube/events.ts'
import type { KubeObject } from './kube/types.ts'
import { systemClock } from './runtime/clock.ts'
import { Controller } from './runtime/controller.ts'
import { HealthServer } from './runtime/health.ts'
import { LeaderElection } from './runtime/leader.ts'
import type { Logger } from './runtime/log.ts'
import { Registry } from './runtime/metrics.ts'
import { WorkQueue } from './runtime/queue.ts'
import { standardMetrics } from './runtime/standard-metrics.ts'
import type { StandardMetrics } from './runtime/standard-metrics.ts'

/** How the operator is run. */
export interface OperatorOptions {
  readonly kubeconfig?: string
  /** The namespace whose clusters are looked after. Default: all. */
  readonly namespace?: string
  readonly imageTags: Readonly<Record<string, string>>
  readonly operatorImage: string
  /** The CustomResourceDefinitions that it was built with, and a command that brings them to the API server. Default: those that are there are right. */
  readonly definitions?: { readonly own: readonly KubeObject[]; readonly remedy: string }
  /** Ports of `/metrics` and of `/healthz` and `/readyz`; 0: any. */
  readonly metricsPort: number
  readonly healthPort: number
  /** Without it, this is the only operator. */
  readonly leaderElection?: { readonly namespace: string; readonly name: string }
  /** Name of this process among the candidates. */
  readonly identity: string
  readonly log: Logger
  /** Who makes the calls outside of Kubernetes. Default: the operator itself. */
  readonly outside?: ReconcilerOptions['outside']
}

const CLUSTERS = `${plural}.${group}`

/** Clusters that are worked on at one time. */
const CONCURRENCY = 4

/** Runs the operator until the signal; resolves when all that was under way has ended. Throws when it lost its leadership. */
export async function runOperator(options: OperatorOptions, signal: AbortSignal): Promise<void> {
  const { log, kubeconfig, namespace, identity, metricsPort, healthPort } = options
  const registry = new Registry()
  const metrics = standardMetrics(registry)
  const client = await connect({ ...(kubeconfig === undefined ? {} : { kubeconfig }), onRequest: (method, code) => metrics.requested(method, code) })
  const queue = new WorkQueue({ hooks: metrics.queueHooks('openstackcluster') })
  // A candidate that does not lead watches as well, so that it can go on at once.
  const watches = new Watches({ client, log, wake: (key) => queue.add(key), ...(namespace === undefined ? {} : { namespace }) })
  const faults = new Faults()
  const { own = [], remedy = '' } = options.definitions ?? {}
  const definitions = new Definitions({ client, own, remedy, log, clock: systemClock, onChange: () => watches.refresh() })
  const rights = () => faults.untold().join('; ') || true
  const health = new HealthServer({ port: healthPort, metricsPort, registry, ready: { watches: () => stateOf(watches, definitions), rights } })
  await health.start()
  log.info('started', { identity, image: options.operatorImage, namespace: namespace ?? 'all' })
  try {
    await definitions.start(signal)
    await watches.start(signal)
    const forbidden = watches.forbidden()
    if (forbidden.length > 0) log.error('rights are missing: the operator may not list and watch all that a cloud consists of', { forbidden })
    const lead = (leading: AbortSignal) => work({ ...options, client, watches, definitions, faults, queue, registry, metrics }, leading)
    await (options.leaderElection === undefined ? lead(signal) : elect(options, { client, metrics, faults }, lead, signal))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await health.stop()
    await client.close()
  }
  log.info('stopped', { identity })
}

/** Fit for work once all is seen; what it may not see is no fault of this pod's, and is told in the status of each cluster. */
function stateOf(watches: Watches, definitions: Definitions): boolean | string {
  const forbidden = watches.forbidden()
  if (forbidden.includes(CLUSTERS)) return `the operator may not list and watch ${forbidden.join(', ')}`
  if (!watches.isSynced() && forbidden.length === 0) return definitions.fault()?.message ?? false
  return watches.isSynced() || forbidden.length > 0
}

function elect(
  options: OperatorOptions,
  { client, metrics, faults }: Pick<Work, 'client' | 'metrics' | 'faults'>,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { leaderElection, identity, log } = options
  const { namespace, name } = leaderElection ?? { namespace: 'default', name: manager }
  const election = new LeaderElection({
    client,
    namespace,
    name,
    identity,
    log,
    clock: systemClock,
    onChange: (leading) => metrics.leading(name, leading),
    onAttempt: (error) => {
      if (faults.takeUntold('lease', error)) log.error('a right is missing', { message: faults.untold().join('; ') })
    },
  })
  return election.run(signal, lead)
}

interface Work extends Omit<OperatorOptions, 'definitions'> {
  readonly client: KubeClient
  readonly watches: Watches
  readonly definitions: Definitions
  readonly faults: Faults
  readonly queue: WorkQueue
  readonly registry: Registry
  readonly metrics: StandardMetrics
}

/** Reconciles until the signal. */
async function work(options: Work, signal: AbortSignal): Promise<void> {
  const { client, watches, definitions, faults, queue, registry, metrics, log, identity, imageTags, operatorImage, outside } = options
  const onWrite = (error?: unknown) => {
    if (faults.takeEverywhere('events', error)) watches.wakeAll()
  }
  const events = new EventRecorder({ client, controller: `${group}/${manager}`, instance: identity, clock: systemClock, log, onWrite })
  const wake = (key: string, delay: number) => queue.addAfter(key, delay)
  const wants: ReconcilerOptions['preflight'] = (cluster, inner) => preflight(client, cluster, inner)
  const reconciler = new Reconciler({ preflight: wants, client, watches, definitions, faults, events, log, wake, imageTags, operatorImage, outside })
  // Of the one that leads: two that tell of the same cloud would count everything twice.
  registerCloudMetrics(registry, () => seenClouds(watches, (key) => reconciler.answers(key), systemClock.now()))
  const controller = new Controller({
    name: 'openstackcluster',
    concurrency: CONCURRENCY,
    queue,
    log,
    reconcile: (key, inner) => reconciler.reconcile(key, inner),
    metrics,
  })
  controller.start(signal)
  await controller.stopped
  events.stop()
}
