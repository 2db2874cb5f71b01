/** What waits in the queues of a virtual host. */
export interface QueueLoad {
  readonly queues: number
  /** Messages that nobody has taken yet. */
  readonly ready: number
  /** Messages that somebody has taken and not dealt with. */
  readonly unacknowledged: number
  /** Messages that nobody has taken yet, in the queue that has most of them. */
  readonly longest: number
}

/** An element of GET /api/queues. The counts are not there in the first moments of a queue. */
export interface ListedQueue {
  readonly arguments?: Readonly<Record<string, unknown>>
  readonly messages_ready?: number
  readonly messages_unacknowledged?: number
}

/** Only what is looked at. The broker collects no statistics (`disable_metrics_collector`), but each queue tells its totals. */
export const queueQuery = 'disable_stats=true&enable_queue_totals=true&columns=arguments,messages_ready,messages_unacknowledged'

/**
 * What waits, as far as somebody is to take it. Pure. Queues that expire are left out: a pod that has ended leaves its own ones behind (replies, what is
 * for all), which fill until the broker drops them, and nobody misses that.
 */
export function queueLoad(listed: readonly ListedQueue[]): QueueLoad {
  const lasting = listed.filter((queue) => queue.arguments?.['x-expires'] === undefined)
  const ready = lasting.map((queue) => queue.messages_ready ?? 0)
  return {
    queues: listed.length,
    ready: ready.reduce((sum, each) => sum + each, 0),
    unacknowledged: lasting.reduce((sum, queue) => sum + (queue.messages_unacknowledged ?? 0), 0),
    longest: ready.reduce((most, each) => Math.max(most, each), 0),
  }
}
