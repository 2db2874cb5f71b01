import { someOf } from '../config/some-of.ts'
import { askChronyd } from './client.ts'
import { CHRONY_PORT, clockOf, clockProblem } from './clock.ts'
import type { Clock, TimeWant } from './clock.ts'

/** How long a chronyd may be without a server that it follows before somebody is told, in ms: one that has just started has it after some 6 s. */
const PATIENCE = 30_000

/** What was found. */
export interface ClockCheck {
  readonly clocks: readonly Clock[]
  /** Clocks that nothing is known of yet, in a sentence; empty where there are none. */
  readonly message: string
  readonly problem?: { readonly reason: string; readonly message: string }
}

/** Looks at the clocks of one cloud, and remembers since when each chronyd has no time. */
export class Clocks {
  readonly #since = new Map<string, number>()
  readonly #ask: typeof askChronyd
  readonly #now: () => number

  /** `now`: a clock of its own that always goes forward, in ms. */
  constructor(options: { readonly ask?: typeof askChronyd; readonly now?: () => number } = {}) {
    this.#ask = options.ask ?? askChronyd
    this.#now = options.now ?? (() => performance.now())
  }

  /** Asks every chronyd, side by side. Throws when the signal is aborted. */
  async check(want: TimeWant, signal: AbortSignal): Promise<ClockCheck> {
    const clocks = await Promise.all(
      want.chronyds.map(async ({ node, address }) => clockOf(node, await this.#ask({ host: address, port: CHRONY_PORT }, want.servers.length, signal))),
    )
    const waits = this.#waits(want, clocks)
    const problem = clockProblem(
      want,
      clocks.filter(({ node }) => !waits.has(node)),
    )
    const message = waits.size === 0 ? '' : `waits for the first time of timeSync.servers on ${someOf([...waits])}`
    return { clocks, message, ...(problem ? { problem } : {}) }
  }

  /** Nodes whose chronyd has no time, but not for long. */
  #waits({ chronyds }: TimeWant, clocks: readonly Clock[]): Set<string> {
    const now = this.#now()
    const without = new Set(clocks.filter(({ state }) => state !== 'Synchronized').map(({ node }) => node))
    // By the address: another pod on the same node starts anew.
    const open = chronyds.filter(({ node }) => without.has(node))
    for (const address of this.#since.keys()) if (!open.some((each) => each.address === address)) this.#since.delete(address)
    for (const { address } of open) if (!this.#since.has(address)) this.#since.set(address, now)
    return new Set(open.filter(({ address }) => now - (this.#since.get(address) ?? now) < PATIENCE).map(({ node }) => node))
  }
}
