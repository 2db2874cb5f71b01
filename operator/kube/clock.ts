import { setTimeout as sleep } from 'node:timers/promises'

/** Time, passed in, so that a test can let it pass. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Waits. Throws the signal's reason when that is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `run` once after `ms`, unless the function that it returns is called before. Keeps no process alive. */
  after(ms: number, run: () => void): () => void
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      // Node's AbortError hides the reason in its cause.
      signal?.throwIfAborted()
      throw error
    }
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
