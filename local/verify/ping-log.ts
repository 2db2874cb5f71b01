import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** How long an answer to the last pings is awaited, in ms. */
const LAST_ANSWER = 2000

/** More than so many without an answer at the end are lost, not under way. */
const UNDER_WAY = 3

/** A ping that goes on until it is stopped, in the background: what was lost meanwhile, and when, is in its result. */
export class PingLog {
  readonly #child: ChildProcess
  #output = ''

  constructor(address: string, intervalSeconds = 0.2) {
    this.#child = spawn('ping', ['-n', '-i', String(intervalSeconds), '-W', '1', address], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
  }

  /** Waits for one more answer and ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    // ping ends at once when it is told to, and what is under way would count as lost.
    if (this.#child.stdout) await once(this.#child.stdout, 'data', { signal: AbortSignal.timeout(LAST_ANSWER) }).catch(() => undefined)
    this.#child.kill('SIGINT')
    await once(this.#child, 'close')
  }

  /** What ping counted. */
  result(): PingResult {
    return pingResult(this.#output)
  }
}

/** How many pings were sent, how many of them had no answer, and which ones by their number, from 1. */
export interface PingResult {
  readonly sent: number
  readonly lost: number
  readonly missing: readonly number[]
}

/**
 * Reads the output of a ping that was ended right after an answer: what was sent after the last answered one was still under way and does not
 * count, unless none came in the last seconds. Answers that come twice count once.
 */
export function pingResult(output: string): PingResult {
  const [, transmitted] = /(\d+) packets transmitted/.exec(output) ?? []
  if (transmitted === undefined) throw new Error(`ping said nothing of its packets: ${output.slice(-300)}`)
  const answered = new Set(Array.from(output.matchAll(/bytes from .*icmp_seq=(\d+) /g), ([, number]) => Number(number)))
  const last = Math.max(0, ...answered)
  const sent = Number(transmitted) - last <= UNDER_WAY ? last : Number(transmitted)
  const missing = Array.from({ length: sent }, (_, at) => at + 1).filter((number) => !answered.has(number))
  return { sent, lost: missing.length, missing }
}
