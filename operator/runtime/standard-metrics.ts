import type { ReconcileOutcome } from './controller.ts'
import type { Registry } from './metrics.ts'
import type { QueueHooks } from './queue.ts'

/** What every operator tells of itself, under the names of controller-runtime and client-go, so that their dashboards fit. */
export interface StandardMetrics {
  /** For `Controller`. */
  readonly reconciled: (controller: string, outcome: ReconcileOutcome, seconds: number) => void
  /** For the `WorkQueue` of this name. */
  readonly queueHooks: (name: string) => QueueHooks
  /** For `connect`. */
  readonly requested: (method: string, code: string) => void
  /** For `LeaderElection`. */
  readonly leading: (name: string, leading: boolean) => void
}

/** Makes the standard metrics in a registry. */
export function standardMetrics(registry: Registry): StandardMetrics {
  const reconciles = registry.counter('controller_runtime_reconcile_total', 'Total number of reconciliations per controller.')
  const errors = registry.counter('controller_runtime_reconcile_errors_total', 'Total number of reconciliation errors per controller.')
  const terminal = registry.counter('controller_runtime_terminal_reconcile_errors_total', 'Total number of terminal reconciliation errors per controller.')
  const time = registry.histogram('controller_runtime_reconcile_time_seconds', 'Length of time per reconciliation per controller.')
  const depth = registry.gauge('workqueue_depth', 'Current depth of workqueue.')
  const adds = registry.counter('workqueue_adds_total', 'Total number of adds handled by workqueue.')
  const waited = registry.histogram('workqueue_queue_duration_seconds', 'How long in seconds an item stays in workqueue before being requested.')
  const worked = registry.histogram('workqueue_work_duration_seconds', 'How long in seconds processing an item from workqueue takes.')
  const retries = registry.counter('workqueue_retries_total', 'Total number of retries handled by workqueue.')
  const requests = registry.counter('rest_client_requests_total', 'Number of HTTP requests, partitioned by status code and method.')
  const leader = registry.gauge('leader_election_master_status', 'Whether the reporting system is leader of the relevant lease, 0 indicates backup.')
  const startedAt = Date.now() / 1000 - process.uptime()
  registry.gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss())
  registry.gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => startedAt)
  registry.counterOf('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  return {
    reconciled: (controller, outcome, seconds) => {
      // controller-runtime counts a terminal error as an error too, and gives it no result of its own.
      const failed = outcome === 'error' || outcome === 'terminal_error'
      reconciles.inc({ controller, result: failed ? 'error' : outcome })
      if (failed) errors.inc({ controller })
      if (outcome === 'terminal_error') terminal.inc({ controller })
      time.observe(seconds, { controller })
    },
    queueHooks: (name) => {
      depth.set(0, { name })
      return {
        added: () => adds.inc({ name }),
        depth: (value) => depth.set(value, { name }),
        waited: (seconds) => waited.observe(seconds, { name }),
        worked: (seconds) => worked.observe(seconds, { name }),
        retried: () => retries.inc({ name }),
      }
    },
    requested: (method, code) => requests.inc({ code, method }),
    leading: (name, leading) => leader.set(leading ? 1 : 0, { name }),
  }
}
