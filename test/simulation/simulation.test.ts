// Ten thousand clouds in bad weather. Each must get Ready all the same, be left alone then, keep its passwords and leave nothing over.
// With SEED=n, that one only, with all that happens in it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { describe as describeSchedule, scheduleOf } from './schedule.ts'
import { simulate } from './simulate.ts'
import type { Batch, BatchReport } from './worker.ts'

const RUNS = 10_000
const BATCH = 250
const seed = process.env['SEED']

describe('the operator in bad weather', { skip: seed !== undefined, concurrency: true }, () => {
  let idle: Worker[] = []
  const workers: Worker[] = []
  const waiting: ((worker: Worker) => void)[] = []

  before(() => {
    for (let index = 0; index < Math.max(2, availableParallelism()); index++) {
      // Most of what a run makes is soon forgotten.
      const resourceLimits = { maxYoungGenerationSizeMb: 128 }
      workers.push(new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits }))
    }
    idle = [...workers]
  })

  after(async () => {
    await Promise.all(workers.map((worker) => worker.terminate()))
  })

  async function onWorker(batch: Batch): Promise<BatchReport> {
    const worker = idle.pop() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)))
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(batch)
    const [report] = (await once(worker, 'message')) as [BatchReport]
    const next = waiting.shift()
    if (next === undefined) idle.push(worker)
    else next(worker)
    return report
  }

  for (let first = 1; first <= RUNS; first += BATCH) {
    test(`seeds ${first} to ${first + BATCH - 1}`, async () => {
      const { runs, writes, failures } = await onWorker({ first, last: first + BATCH - 1 })
      const lines = failures.flatMap((report) => [...describeSchedule(scheduleOf(report.seed)), `failed: ${report.problem}`, `again: SEED=${report.seed}`, ''])
      assert.equal(lines.join('\n'), '')
      assert.equal(runs, BATCH)
      assert.ok(writes > runs, 'the operators have done something')
    })
  }
})

test('one seed, told in full', { skip: seed === undefined }, async () => {
  const { problem } = await simulate(Number(seed), console.log)
  assert.equal(problem, undefined)
})

test('a seed stands for the same run each time', async () => {
  const tell = async () => {
    const lines: string[] = []
    await simulate(4711, (line) => lines.push(line))
    // Events have names of chance, and an error's stack says where it was asked from.
    return lines.map((line) => line.replace(/\n[^]*/, '').replace(/Event teruwa\.\w+/, 'Event'))
  }
  assert.deepEqual(await tell(), await tell())
})
