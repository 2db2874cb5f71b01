import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Pings an address, five times a second unless told otherwise, until it is stopped. */
export class PingLog {
  readonly #child: ChildProcess
  #output = ''

  constructor(address: string, intervalSeconds = 0.2) {
    this.#child = spawn('ping', ['-n', '-i', String(intervalSeconds), '-W', '1', address], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
  }

  /** Ends it; ping then prints what it counted. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.kill('SIGINT')
    await once(this.#child, 'close')
  }

  /** What ping counted. Answers that come twice do not count. */
  result(): { sent: number; lost: number } {
    const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(this.#output) ?? []
    if (sent === undefined || received === undefined) throw new Error(`ping said nothing of its packets: ${this.#output.slice(-300)}`)
    return { sent: Number(sent), lost: Number(sent) - Number(received) }
  }
}
