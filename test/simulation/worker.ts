// One of the threads of the simulation: gets a batch of seeds, answers with what came of them.

import { parentPort } from 'node:worker_threads'
import { simulate } from './simulate.ts'
import type { Report } from './simulate.ts'

/** Seeds from `first` to `last`. */
export interface Batch {
  readonly first: number
  readonly last: number
}

/** What came of a batch. */
export interface BatchReport {
  readonly runs: number
  readonly writes: number
  readonly failures: readonly Report[]
}

async function runBatch({ first, last }: Batch): Promise<BatchReport> {
  const reports: Report[] = []
  for (let seed = first; seed <= last; seed++) reports.push(await reportOf(seed))
  return {
    runs: reports.length,
    writes: reports.reduce((sum, { writes }) => sum + writes, 0),
    failures: reports.filter(({ problem }) => problem !== undefined),
  }
}

async function reportOf(seed: number): Promise<Report> {
  try {
    return await simulate(seed)
  } catch (error) {
    return { seed, writes: 0, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

async function answer(batch: Batch): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(await runBatch(batch))
}

parentPort?.on('message', (batch: Batch) => void answer(batch))
