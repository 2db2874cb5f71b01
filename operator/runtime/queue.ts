import { backoff } from '../kube/backoff.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'

/** Told of what happens in a queue. Times in seconds. */
export interface QueueHooks {
  added?(): void
  /** Number of keys that are ready and not taken. */
  depth?(depth: number): void
  /** From ready to taken. */
  waited?(seconds: number): void
  /** From taken to done. */
  worked?(seconds: number): void
  retried?(): void
}

export interface QueueOptions {
  readonly clock?: Clock
  /** 0 ≤ x < 1 */
  readonly random?: () => number
  readonly hooks?: QueueHooks
}

/** First and longest wait of `addRateLimited`, in ms. */
const FIRST_RETRY = 5
const LAST_RETRY = 60_000

interface Timer {
  readonly at: number
  readonly cancel: () => void
}

/**
 * Keys of things to do. A key is there at most once, and never with two workers; what is added while a worker has it runs again after.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #hooks: QueueHooks
  /** Ready, in order, with the time since when. */
  readonly #ready = new Map<string, number>()
  /** With a worker, since when. */
  readonly #running = new Map<string, number>()
  /** Added while with a worker. */
  readonly #again = new Set<string>()
  readonly #timers = new Map<string, Timer>()
  readonly #failures = new Map<string, number>()
  readonly #waiters = new Set<() => void>()

  constructor({ clock = systemClock, random = Math.random, hooks = {} }: QueueOptions = {}) {
    this.#clock = clock
    this.#random = random
    this.#hooks = hooks
  }

  /** Number of keys that are ready and not taken. */
  get depth(): number {
    return this.#ready.size
  }

  /** Makes a key ready at once. */
  add(key: string): void {
    if (this.#ready.has(key) || this.#again.has(key)) return
    this.#hooks.added?.()
    if (this.#running.has(key)) this.#again.add(key)
    else this.#push(key)
  }

  /** Makes a key ready after a time in ms. Of several such times the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (ms <= 0) {
      this.add(key)
      return
    }
    const at = this.#clock.now() + ms
    const timer = this.#timers.get(key)
    if (timer !== undefined && timer.at <= at) return
    timer?.cancel()
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(key)
      this.add(key)
    })
    this.#timers.set(key, { at, cancel })
  }

  /** Makes a key ready after a time that doubles with each call, until `forget`. */
  addRateLimited(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    this.#hooks.retried?.()
    this.addAfter(key, backoff(failures, { first: FIRST_RETRY, last: LAST_RETRY, random: this.#random }))
  }

  /** Ends the row of failures of a key. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** Number of calls of `addRateLimited` since `forget`. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  /** The next key, when there is one; it stays with the caller until `done`. Throws the signal's reason. */
  async next(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted()
      const [entry] = this.#ready
      if (entry !== undefined) return this.#take(...entry)
      await this.#wait(signal)
    }
  }

  /** A worker is through with a key, whatever came of it. */
  done(key: string): void {
    const since = this.#running.get(key)
    if (since === undefined) return
    this.#running.delete(key)
    this.#hooks.worked?.((this.#clock.now() - since) / 1000)
    if (this.#again.delete(key)) this.#push(key)
  }

  #push(key: string): void {
    this.#ready.set(key, this.#clock.now())
    this.#hooks.depth?.(this.#ready.size)
    // Whoever wakes looks for itself, so one too many does no harm; one too few would be a key that nobody takes.
    const [wake] = this.#waiters
    if (wake !== undefined) {
      this.#waiters.delete(wake)
      wake()
    }
  }

  #take(key: string, since: number): string {
    const now = this.#clock.now()
    this.#ready.delete(key)
    this.#running.set(key, now)
    this.#hooks.depth?.(this.#ready.size)
    this.#hooks.waited?.((now - since) / 1000)
    return key
  }

  #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const leave = (): void => {
      // Woken for a key and aborted at the same time: the wake-up goes to another.
      if (!this.#waiters.delete(resolve) && this.#ready.size > 0) {
        const [wake] = this.#waiters
        if (wake !== undefined) {
          this.#waiters.delete(wake)
          wake()
        }
      }
      resolve()
    }
    this.#waiters.add(resolve)
    signal.addEventListener('abort', leave, { once: true })
    return promise.finally(() => signal.removeEventListener('abort', leave))
  }
}
