import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { FakeClock, until } from '../kube/test-clock.ts'
import { MemoryLog } from '../kube/test-log.ts'
import { Controller } from './controller.ts'
import type { ControllerOptions } from './controller.ts'
import { TerminalError } from './errors.ts'
import { WorkQueue } from './queue.ts'

function start(t: TestContext, reconcile: ControllerOptions['reconcile'], concurrency = 1) {
  const clock = new FakeClock()
  const log = new MemoryLog()
  const outcomes: string[] = []
  const queue = new WorkQueue({ clock, random: () => 0.5 })
  const metrics = { reconciled: (name: string, outcome: string, seconds: number) => void outcomes.push(`${name} ${outcome} ${seconds}`) }
  const controller = new Controller({ name: 'test', reconcile, concurrency, queue, log, clock, metrics })
  const abort = new AbortController()
  t.after(() => abort.abort())
  controller.start(abort.signal)
  return { clock, log, outcomes, queue, controller, abort }
}

test('a success waits for the next event', async (t) => {
  const keys: string[] = []
  const { clock, queue, outcomes, log } = start(t, async (key) => void keys.push(key))
  queue.add('a')
  await clock.advance(3_600_000)
  queue.add('a')
  await clock.advance(0)
  assert.deepEqual([keys, outcomes, log.lines], [['a', 'a'], ['test success 0', 'test success 0'], []])
})

test('a result may ask for a time', async (t) => {
  const times: number[] = []
  const { clock, queue, outcomes } = start(t, async () => {
    times.push(clock.now())
    return times.length === 1 ? { requeueAfter: 5000 } : undefined
  })
  const began = clock.now()
  queue.add('a')
  await clock.advance(60_000)
  assert.deepEqual(
    [times.map((time) => time - began), outcomes],
    [
      [0, 5000],
      ['test requeue_after 0', 'test success 0'],
    ],
  )
})

test('an error is logged with its key and tried again, and a success ends the row', async (t) => {
  const times: number[] = []
  const { clock, queue, log, outcomes } = start(t, async () => {
    times.push(clock.now())
    if (times.length < 4) throw new Error(`failure ${times.length}`)
  })
  const began = clock.now()
  queue.add('a')
  await clock.advance(1000)
  assert.deepEqual(
    times.map((time) => time - began),
    [0, 5, 15, 35],
  )
  assert.deepEqual(
    log.lines.map(({ level, fields }) => [level, fields['key'], fields['failures'], String(fields['error'])]),
    [
      ['error', 'a', 1, 'Error: failure 1'],
      ['error', 'a', 2, 'Error: failure 2'],
      ['error', 'a', 3, 'Error: failure 3'],
    ],
  )
  assert.deepEqual([queue.failures('a'), outcomes.at(-1)], [0, 'test success 0'])
})

test('a terminal error is logged and not tried again, until an event', async (t) => {
  let runs = 0
  const { clock, queue, log, outcomes } = start(t, async () => {
    runs += 1
    throw new TerminalError('immutable')
  })
  queue.add('a')
  await clock.advance(3_600_000)
  assert.deepEqual([runs, log.lines.length, outcomes, clock.pending], [1, 1, ['test terminal_error 0'], []])
  queue.add('a')
  await clock.advance(0)
  assert.equal(runs, 2)
})

test('keys run side by side up to the concurrency, one key never', async (t) => {
  const running = new Set<string>()
  let most = 0
  const gates: (() => void)[] = []
  const { queue } = start(
    t,
    async (key) => {
      assert.ok(!running.has(key))
      running.add(key)
      most = Math.max(most, running.size)
      await new Promise<void>((resolve) => {
        gates.push(resolve)
      })
      running.delete(key)
    },
    2,
  )
  for (const key of ['a', 'b', 'c']) queue.add(key)
  queue.add('a')
  await until(() => gates.length === 2, 'two run')
  queue.add('a')
  for (let ended = 0; ended < 4; ended++) {
    await until(() => gates.length > ended, 'the next one runs')
    gates[ended]?.()
  }
  await until(() => running.size === 0, 'all have ended')
  assert.deepEqual([most, gates.length, queue.depth], [2, 4, 0])
})

test('a stop aborts what runs, waits for its end, and does not count that as a failure', async (t) => {
  const gate = Promise.withResolvers<void>()
  let reason: unknown
  let stopped = false
  const { clock, queue, controller, abort, log } = start(t, async (_key, signal) => {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve())
    })
    reason = signal.reason
    await gate.promise
    throw new Error('cut off')
  })
  void controller.stopped.then(() => (stopped = true))
  queue.add('a')
  queue.add('b')
  await clock.advance(0)
  abort.abort('SIGTERM')
  await clock.advance(0)
  assert.deepEqual([reason, stopped], ['SIGTERM', false])
  gate.resolve()
  await controller.stopped
  assert.deepEqual([log.lines, clock.pending, queue.depth], [[], [], 1])
})

test('a controller is started once', (t) => {
  const { controller, abort } = start(t, async () => undefined)
  assert.throws(() => controller.start(abort.signal), /started twice/)
})
