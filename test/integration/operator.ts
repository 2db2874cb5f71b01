// The operator itself, in this process, before an API server.

import { setTimeout as delay } from 'node:timers/promises'
import { runOperator } from '../../operator/operator.ts'
import type { OperatorOptions } from '../../operator/operator.ts'
import { Logger } from '../../operator/runtime/log.ts'

/** Tags of all images, whatever the release calls them. */
export const anyImageTags: Readonly<Record<string, string>> = new Proxy({}, { get: () => 'zed-0' })

export interface TestOperator {
  /** Lines of its log. */
  readonly lines: readonly string[]
  /** Ends it; throws what it ended with. */
  readonly stop: () => Promise<void>
}

/** Starts an operator. Its metrics are at any free port, unless one is named. */
export function startOperator(
  options: Pick<OperatorOptions, 'kubeconfig' | 'namespace' | 'leaderElection' | 'outside' | 'definitions'> & Partial<Pick<OperatorOptions, 'metricsPort'>>,
): TestOperator {
  const lines: string[] = []
  const controller = new AbortController()
  const ended = runOperator(
    {
      imageTags: anyImageTags,
      operatorImage: 'teruwa/operator:test',
      metricsPort: 0,
      healthPort: 0,
      identity: 'operator',
      log: new Logger({ write: (line) => lines.push(line) }),
      ...options,
    },
    controller.signal,
  )
  // What it ends with is thrown by `stop`, and not before somebody asks.
  ended.catch(() => undefined)
  const stop = async () => {
    controller.abort()
    await ended
  }
  return { lines, stop }
}

const PATIENCE_MS = 60_000

/** What `find` finds, once it finds something; throws with the last answer after a minute. */
export async function eventually<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`after ${PATIENCE_MS / 1000} s it is still not true that ${what}`)
    await delay(50)
  }
}
