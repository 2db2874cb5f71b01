import type { Log } from '../kube/log.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { TerminalError } from './errors.ts'
import type { WorkQueue } from './queue.ts'

/** What a reconcile wants next. Nothing: it waits for an event. */
export interface ReconcileResult {
  /** Again after this time, in ms. */
  readonly requeueAfter?: number
}

/** How a reconcile went, in the words of controller-runtime's metrics. */
export type ReconcileOutcome = 'success' | 'requeue_after' | 'error' | 'terminal_error'

export interface ControllerOptions {
  readonly name: string
  /** Moves the thing with this key one step nearer. Its signal is aborted when the operator stops. */
  readonly reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult | void>
  /** Keys at a time. Default: 1. */
  readonly concurrency?: number
  readonly queue: WorkQueue
  readonly log: Log
  readonly clock?: Clock
  readonly metrics?: { reconciled(controller: string, outcome: ReconcileOutcome, seconds: number): void }
}

/** Takes keys from a queue and reconciles each, until it is stopped. */
export class Controller {
  /** Resolves when, after the abort of the signal, the last reconcile has ended. Never rejects. */
  readonly stopped: Promise<void>
  readonly #options: ControllerOptions
  readonly #setStopped: () => void
  #started = false

  constructor(options: ControllerOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<void>()
    this.stopped = promise
    this.#setStopped = resolve
  }

  /** Begins, and goes on until the signal is aborted. */
  start(signal: AbortSignal): void {
    if (this.#started) throw new Error(`controller ${this.#options.name} was started twice`)
    this.#started = true
    const workers = Array.from({ length: this.#options.concurrency ?? 1 }, () => this.#work(signal))
    void Promise.all(workers).then(this.#setStopped)
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { queue } = this.#options
    while (!signal.aborted) {
      let key: string
      try {
        key = await queue.next(signal)
      } catch {
        return
      }
      try {
        await this.#handle(key, signal)
      } finally {
        queue.done(key)
      }
    }
  }

  async #handle(key: string, signal: AbortSignal): Promise<void> {
    const { name, queue, log, metrics, clock = systemClock } = this.#options
    const startedAt = clock.now()
    const { outcome, requeueAfter, error } = await this.#reconcile(key, signal)
    metrics?.reconciled(name, outcome, (clock.now() - startedAt) / 1000)
    switch (outcome) {
      case 'success':
        queue.forget(key)
        break
      case 'requeue_after':
        queue.forget(key)
        queue.addAfter(key, requeueAfter ?? 0)
        break
      case 'terminal_error':
        queue.forget(key)
        log.error('reconcile failed for good', { controller: name, key, error })
        break
      case 'error':
        // A reconcile that was cut off by the stop has not failed.
        if (signal.aborted) break
        log.error('reconcile failed', { controller: name, key, failures: queue.failures(key) + 1, error })
        queue.addRateLimited(key)
        break
      default:
        throw new TypeError(`unknown outcome ${String(outcome satisfies never)}`)
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<{ outcome: ReconcileOutcome; requeueAfter?: number; error?: unknown }> {
    try {
      const { requeueAfter } = (await this.#options.reconcile(key, signal)) ?? {}
      return requeueAfter === undefined ? { outcome: 'success' } : { outcome: 'requeue_after', requeueAfter }
    } catch (error) {
      return { outcome: error instanceof TerminalError ? 'terminal_error' : 'error', error }
    }
  }
}
