import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../operator/kube/clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
  cancelled: boolean
}

/** Time that passes only from one thing that is due to the next. */
export class VirtualClock implements Clock {
  #now: number
  #order = 0
  /** A binary heap: the earliest one first, of equal ones the one that was set first. */
  readonly #heap: Timer[] = []

  constructor(now = Date.UTC(2030, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order++, run, cancelled: false }
    this.#push(timer)
    return () => {
      timer.cancelled = true
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  /** Runs all that is due at the next instant, and what follows from it at once. False: nothing is due by `end`, and it is that late now. */
  async step(end: number): Promise<boolean> {
    const first = this.#next()
    if (first === undefined || first.at > end) {
      this.#now = Math.max(this.#now, end)
      return false
    }
    this.#now = first.at
    for (let timer: Timer | undefined = first; timer !== undefined && timer.at <= this.#now; timer = this.#next()) {
      this.#pop()
      timer.run()
    }
    // Every promise that can go on has done so when this returns.
    await setImmediate()
    return true
  }

  #next(): Timer | undefined {
    while (this.#heap[0]?.cancelled) this.#pop()
    return this.#heap[0]
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let index = heap.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#swap(index, parent)) return
      index = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2]
      const child = right < heap.length && isBefore(heap[right], heap[left]) ? right : left
      if (child >= heap.length || !this.#swap(child, index)) return
      index = child
    }
  }

  /** Changes the places of a child and its parent where they are in the wrong order. */
  #swap(child: number, parent: number): boolean {
    const [a, b] = [this.#heap[child], this.#heap[parent]]
    if (a === undefined || b === undefined || !isBefore(a, b)) return false
    this.#heap[child] = b
    this.#heap[parent] = a
    return true
  }
}

function isBefore(a: Timer | undefined, b: Timer | undefined): boolean {
  return a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order))
}

/** The clock of one process: when that is killed, nothing of it runs any more. */
export class ProcessClock implements Clock {
  readonly #clock: VirtualClock
  readonly #random: () => number
  #alive = true

  constructor(clock: VirtualClock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  get alive(): boolean {
    return this.#alive
  }

  now(): number {
    return this.#clock.now()
  }

  after(ms: number, run: () => void): () => void {
    return this.#clock.after(ms, () => {
      if (this.#alive) run()
    })
  }

  /** As `after`, for what the process has sent: when it is killed meanwhile, that arrives or not, as chance has it. */
  outlived(ms: number, run: () => void): void {
    this.#clock.after(ms, () => {
      if (this.#alive || this.#random() < 0.5) run()
    })
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal)
  }

  kill(): void {
    this.#alive = false
  }
}

function sleepOn(clock: Pick<Clock, 'after'>, ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason as Error)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = () => {
    cancel()
    reject(signal?.reason)
  }
  const cancel = clock.after(ms, () => {
    signal?.removeEventListener('abort', onAbort)
    resolve()
  })
  signal?.addEventListener('abort', onAbort, { once: true })
  return promise
}
