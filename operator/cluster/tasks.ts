import { isDeepStrictEqual } from 'node:util'
import { ServiceError } from '../openstack/error.ts'
import type { Change } from '../openstack/change.ts'
import type { Answer, OutsideCall, OutsideResult, Outcome } from '../model/outside.ts'

/** When a call that succeeded is made again to find drift, in ms; a tenth is added or taken away at random, so that steps do not ask in step. */
const INTERVAL = 300_000
/** By so much of its interval a check of what is good may come early, so that one look at the cluster begins several. */
const EARLY = 0.1
/** Delay after the first failure of a row and the longest one, in ms. */
const FIRST_RETRY = 250
/** By which each delay is longer than the one before. */
const GROWTH = 1.5
const LAST_RETRY = 15_000
/** Longest delay after a call that nobody answered, in ms. */
const NO_ANSWER_RETRY = 1000
/** So many failures in a row make a result that was good a bad one. */
const BELIEVED_FAILURES = 3

interface Task {
  fingerprint: string
  stamp: string
  running?: AbortController
  /** Somebody wants it made once more, for another stamp than that of the call that is under way. */
  overtaken?: boolean
  result?: OutsideResult
  /** Of the last call that was answered. */
  answer?: Omit<Answer, 'step'>
  /** Time at which the call is due again. */
  nextAt: number
  /** By so much earlier a look that happens anyway may make it, in ms. */
  early: number
  failures: number
}

/** What OutsideTasks needs from its surroundings. */
export interface TaskOptions {
  readonly run: (call: OutsideCall, signal: AbortSignal) => Promise<Outcome>
  /** Called when a result came in that says something new, or with the time until the call is to be made again. */
  readonly wake: (delay: number) => void
  /** Called with what a call has changed. */
  readonly changed: (step: string, changes: readonly Change[]) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

/** What tells the call that is at hand from others: one look at a cluster asks for it several times. */
const fingerprints = new WeakMap<OutsideCall, string>()

function fingerprintOf(call: OutsideCall): string {
  let fingerprint = fingerprints.get(call)
  if (fingerprint === undefined) fingerprints.set(call, (fingerprint = JSON.stringify(call)))
  return fingerprint
}

/**
 * The outside calls of one cluster, running in the background, at most one for each step. A result stands for exactly the call that it was
 * made for: a changed call is made at once. While a good result is checked again, it stays.
 */
export class OutsideTasks {
  readonly #tasks = new Map<string, Task>()
  readonly #options: TaskOptions

  constructor(options: TaskOptions) {
    this.#options = options
  }

  /** The result of the last call that ended, if it was for this very thing. `undefined`: never called since the operator started. */
  result(step: string, call: OutsideCall): OutsideResult | undefined {
    const task = this.#tasks.get(step)
    return task?.fingerprint === fingerprintOf(call) ? task.result : undefined
  }

  /** The last result of a step, whatever was asked. */
  last(step: string): OutsideResult | undefined {
    return this.#tasks.get(step)?.result
  }

  /** What each step's last call that was answered brought. */
  answers(): Answer[] {
    return [...this.#tasks].flatMap(([step, { answer }]) => (answer === undefined ? [] : [{ step, ...answer }]))
  }

  /** Makes the call if it has not been made, has changed, is due again, or `stamp` differs from the last one's. Returns at once. */
  ensure(step: string, call: OutsideCall, stamp = ''): void {
    const fingerprint = fingerprintOf(call)
    let task = this.#tasks.get(step)
    if (task === undefined || task.fingerprint !== fingerprint) {
      task?.running?.abort()
      task = { fingerprint, stamp, nextAt: 0, early: 0, failures: 0 }
      this.#tasks.set(step, task)
    }
    const now = this.#options.now()
    if (task.running !== undefined) {
      task.overtaken = task.stamp !== stamp
      return
    }
    if (task.stamp !== stamp) {
      task.stamp = stamp
      task.nextAt = 0
    }
    if (task.nextAt - task.early > now) {
      this.#options.wake(task.nextAt - now)
      return
    }
    void this.#run(step, task, call)
  }

  /** The next `ensure` of the step calls again, although nothing changed; used when what it depends on went away. */
  expire(step: string): void {
    const task = this.#tasks.get(step)
    if (task !== undefined && task.failures === 0) task.nextAt = 0
  }

  /** Forgets the steps that are no more, and ends their calls. */
  keep(steps: ReadonlySet<string>): void {
    for (const [step, task] of this.#tasks) {
      if (steps.has(step)) continue
      task.running?.abort()
      this.#tasks.delete(step)
    }
  }

  async #run(step: string, task: Task, call: OutsideCall): Promise<void> {
    const { run, now, random, wake, changed } = this.#options
    const controller = new AbortController()
    const { stamp, result: before } = task
    task.running = controller
    task.overtaken = false
    try {
      const outcome = await run(call, controller.signal)
      const { data, measured } = outcome
      task.answer = { at: now(), ...(data ? { data } : {}), ...(measured ? { measured } : {}) }
      if (outcome.changes && outcome.changes.length > 0) changed(step, outcome.changes)
      task.failures = outcome.ready ? 0 : task.failures + 1
      task.result = {
        ready: outcome.ready,
        message: outcome.message ?? '',
        stamp,
        ...(outcome.problem ? { problem: outcome.problem } : {}),
        ...(data ? { data } : {}),
      }
      const interval = outcome.recheckAfter ?? (outcome.ready ? INTERVAL * (0.9 + 0.2 * random()) : this.#retry(task))
      task.nextAt = now() + interval
      task.early = outcome.ready ? EARLY * interval : 0
    } catch (error) {
      if (controller.signal.aborted) return
      task.failures += 1
      task.early = 0
      const message = error instanceof Error ? error.message : String(error)
      // A check of what was fine may meet a server that is just being replaced: only a row of failures makes it not ready.
      const stays = task.result?.ready === true && task.failures < BELIEVED_FAILURES
      // One failed call may be a server that is just starting; a row of them is worth a person's look.
      const problem = task.failures >= 10 ? { reason: 'OutsideCallFails', message } : undefined
      if (!stays) task.result = { ready: false, message, ...(problem ? { problem } : {}), ...(task.result?.data ? { data: task.result.data } : {}) }
      // Behind a Service that has just got its first pod, the next second is enough.
      const longest = error instanceof ServiceError && error.status === undefined ? NO_ANSWER_RETRY : LAST_RETRY
      task.nextAt = now() + Math.min(longest, this.#retry(task))
    } finally {
      delete task.running
    }
    // Most calls at rest find what they found before: a visit to the whole cluster for each would be most of what the operator does.
    wake(task.overtaken || !isDeepStrictEqual(before, task.result) ? 0 : Math.max(0, task.nextAt - now()))
  }

  #retry({ failures }: Task): number {
    return Math.min(LAST_RETRY, FIRST_RETRY * GROWTH ** Math.max(0, failures - 1)) * (0.9 + 0.2 * this.#options.random())
  }
}
