import { group, manager, plural } from './api/v1alpha1/index.ts'
import { registerCloudMetrics } from './cluster/metrics/register.ts'
import { seenClouds } from './cluster/metrics/seen.ts'
import { Reconciler } from './cluster/reconciler.ts'
import type { ReconcilerOptions } from './cluster/reconciler.ts'
import { Watches } from './cluster/watches.ts'
import { connect } from './kube/client.ts'
import type { KubeClient } from './kube/client.ts'
import { EventRecorder } from './kube/events.ts'
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
  const health = new HealthServer({ port: healthPort, metricsPort, registry, ready: { watches: () => stateOf(watches) } })
  await health.start()
  log.info('started', { identity, image: options.operatorImage, namespace: namespace ?? 'all' })
  try {
    await watches.start(signal)
    const forbidden = watches.forbidden()
    if (forbidden.length > 0) log.error('rights are missing: the operator may not list and watch all that a cloud consists of', { forbidden })
    const lead = (leading: AbortSignal) => work({ ...options, client, watches, queue, registry, metrics }, leading)
    await (options.leaderElection === undefined ? lead(signal) : elect(options, client, metrics, lead, signal))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await health.stop()
    await client.close()
  }
  log.info('stopped', { identity })
}

/** Fit for work once all is seen; what it may not see is no fault of this pod's, and is told in the status of each cluster. */
function stateOf(watches: Watches): boolean | string {
  const forbidden = watches.forbidden()
  if (forbidden.includes(CLUSTERS)) return `the operator may not list and watch ${forbidden.join(', ')}`
  return watches.isSynced() || forbidden.length > 0
}

function elect(
  options: OperatorOptions,
  client: KubeClient,
  metrics: StandardMetrics,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { leaderElection, identity, log } = options
  const { namespace, name } = leaderElection ?? { namespace: 'default', name: manager }
  const election = new LeaderElection({ client, namespace, name, identity, log, clock: systemClock, onChange: (leading) => metrics.leading(name, leading) })
  return election.run(signal, lead)
}

interface Work extends OperatorOptions {
  readonly client: KubeClient
  readonly watches: Watches
  readonly queue: WorkQueue
  readonly registry: Registry
  readonly metrics: StandardMetrics
}

/** Reconciles until the signal. */
async function work({ client, watches, queue, registry, metrics, log, identity, imageTags, operatorImage, outside }: Work, signal: AbortSignal): Promise<void> {
  const events = new EventRecorder({ client, controller: `${group}/${manager}`, instance: identity, clock: systemClock, log })
  const wake = (key: string, delay: number) => queue.addAfter(key, delay)
  const reconciler = new Reconciler({ client, watches, events, log, wake, imageTags, operatorImage, outside })
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
