import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import type { OutsideCall, Outcome } from '../model/outside.ts'
import { OutsideTasks } from './tasks.ts'

const call = (name: string): OutsideCall => ({ kind: 'compute', want: [name] })

/** Tasks with a clock that stands still until it is moved, and answers that are given by hand. */
function bench() {
  const asked: { call: OutsideCall; signal: AbortSignal; answer: (outcome: Outcome) => void; fail: (error: Error) => void }[] = []
  const bench = { now: 1_000_000, woken: [] as number[], changed: [] as string[], asked }
  const tasks = new OutsideTasks({
    run: (each, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
      asked.push({ call: each, signal, answer: resolve, fail: reject })
      return promise
    },
    wake: (delay) => bench.woken.push(delay),
    changed: (step) => bench.changed.push(step),
    now: () => bench.now,
    random: () => 0.5,
  })
  return { ...bench, bench, tasks }
}

test('a call is made once, and its result stands for that very call only', async () => {
  const { tasks, asked, bench: state } = bench()
  tasks.ensure('step', call('a'))
  tasks.ensure('step', call('a'))
  assert.equal(asked.length, 1)
  assert.equal(tasks.result('step', call('a')), undefined)
  asked[0]?.answer({ ready: true, changes: [{ action: 'created', kind: 'user', name: 'x' }] })
  await turn()
  assert.equal(tasks.result('step', call('a'))?.ready, true)
  assert.equal(tasks.result('step', call('b')), undefined)
  assert.deepEqual(state.changed, ['step'])
  assert.ok(state.woken.includes(0), 'whoever waits for the result is woken')
})

test('a changed call is made at once and the old one ended', async () => {
  const { tasks, asked } = bench()
  tasks.ensure('step', call('a'))
  tasks.ensure('step', call('b'))
  assert.equal(asked.length, 2)
  assert.equal(asked[0]?.signal.aborted, true)
  asked[0]?.fail(new Error('ended'))
  asked[1]?.answer({ ready: true })
  await turn()
  assert.equal(tasks.result('step', call('b'))?.ready, true)
})

test('a failed call is made again with growing delays, and only a row of failures is a problem', async () => {
  const { tasks, asked, bench: state } = bench()
  const delays: number[] = []
  for (let failure = 1; failure <= 10; failure++) {
    tasks.ensure('step', call('a'))
    assert.equal(asked.length, failure)
    asked.at(-1)?.fail(new Error('no answer'))
    await turn()
    assert.equal(tasks.last('step')?.problem === undefined, failure < 10, `failure ${failure}`)
    state.woken.length = 0
    tasks.ensure('step', call('a'))
    delays.push(state.woken[0] ?? 0)
    state.now += state.woken[0] ?? 0
  }
  assert.equal(delays[0], 250)
  assert.equal(delays[1], 375)
  assert.equal(delays[9], 250 * 1.5 ** 9)
})

test('one failed check of what was good changes nothing, three do', async () => {
  const { tasks, asked, bench: state } = bench()
  tasks.ensure('step', call('a'))
  asked[0]?.answer({ ready: true })
  await turn()
  for (const ready of [true, true, false]) {
    state.now += 400_000
    tasks.ensure('step', call('a'))
    asked.at(-1)?.fail(new Error('no answer'))
    await turn()
    assert.equal(tasks.last('step')?.ready, ready)
  }
})

test('a result is asked for again when it is due, has expired, or its stamp differs', async () => {
  const { tasks, asked, bench: state } = bench()
  const again = async (act: () => void): Promise<boolean> => {
    const before = asked.length
    act()
    asked.at(-1)?.answer({ ready: true })
    await turn()
    return asked.length > before
  }
  assert.equal(await again(() => tasks.ensure('step', call('a'), 'job-1')), true)
  assert.equal(await again(() => tasks.ensure('step', call('a'), 'job-1')), false)
  assert.equal(await again(() => tasks.ensure('step', call('a'), 'job-2')), true)
  assert.equal(tasks.last('step')?.stamp, 'job-2')
  tasks.expire('step')
  assert.equal(await again(() => tasks.ensure('step', call('a'), 'job-2')), true)
  state.now += 269_999
  assert.equal(await again(() => tasks.ensure('step', call('a'), 'job-2')), false)
  state.now += 30_001
  assert.equal(await again(() => tasks.ensure('step', call('a'), 'job-2')), true)
})

test('a look takes along what is due within a tenth of its interval, but no retry of what failed', async () => {
  const { tasks, asked, bench: state } = bench()
  const ensure = (): number => {
    const before = asked.length
    for (const step of ['heartbeat', 'drift', 'failing']) tasks.ensure(step, call(step))
    return asked.length - before
  }
  ensure()
  asked[0]?.answer({ ready: true, recheckAfter: 30_000 })
  asked[1]?.answer({ ready: true })
  asked[2]?.answer({ ready: false, recheckAfter: 275_000 })
  await turn()
  state.now += 26_999
  assert.equal(ensure(), 0)
  assert.deepEqual(state.woken.slice(-3), [3001, 273_001, 248_001], 'each wakes when it is due, not before')
  state.now += 1
  assert.equal(ensure(), 1)
  state.now += 243_000
  assert.equal(ensure(), 1, 'the check of drift comes along 30 s early, the retry does not come 5 s early')
  assert.deepEqual(asked.at(-1)?.call, call('drift'))
})

test('a stamp that changes while a call is under way: that answer is the old one, and the call is made once more', async () => {
  const { tasks, asked } = bench()
  tasks.ensure('step', call('a'), 'before')
  tasks.ensure('step', call('a'), 'now')
  assert.equal(asked.length, 1)
  asked[0]?.answer({ ready: true })
  await turn()
  assert.equal(tasks.result('step', call('a'))?.stamp, 'before')
  tasks.ensure('step', call('a'), 'now')
  assert.equal(asked.length, 2)
  assert.equal(tasks.result('step', call('a'))?.ready, true, 'what was good stays until it is known better')
  asked[1]?.answer({ ready: true })
  await turn()
  assert.equal(tasks.result('step', call('a'))?.stamp, 'now')
})

test('an answer that says nothing new wakes nobody before the next call is due', async () => {
  const { tasks, asked, bench: state } = bench()
  const answered = async (outcome: Outcome) => {
    state.now += 30_000
    tasks.ensure('step', call('a'))
    state.woken.length = 0
    asked.at(-1)?.answer(outcome)
    await turn()
    return state.woken
  }
  const up = { ready: true, data: { compute: [] }, recheckAfter: 30_000 }
  assert.deepEqual(await answered(up), [0], 'the first one is news')
  assert.deepEqual(await answered({ ...up, data: { compute: [] } }), [30_000])
  assert.deepEqual(await answered({ ready: false, message: 'down', recheckAfter: 1000 }), [0])
  tasks.expire('step')
  tasks.ensure('step', call('a'), 'another')
  assert.deepEqual(await answered({ ready: false, message: 'down', recheckAfter: 1000 }), [0], 'it is the old stamp that was answered for')
})

test('what was measured is told with its time, stays when a call fails, and wakes nobody', async () => {
  const { tasks, asked, bench: state } = bench()
  const round = async (act: () => void) => {
    state.now += 400_000
    tasks.ensure('step', call('a'))
    state.woken.length = 0
    act()
    await turn()
  }
  const measured = (connections: number) => ({ measured: { database: { connections, maxConnections: 10 } } })
  assert.deepEqual(tasks.answers(), [])
  await round(() => asked.at(-1)?.answer({ ready: true, ...measured(1) }))
  assert.deepEqual(tasks.answers(), [{ step: 'step', at: 1_400_000, ...measured(1) }])
  await round(() => asked.at(-1)?.answer({ ready: true, ...measured(2) }))
  assert.deepEqual(tasks.answers(), [{ step: 'step', at: 1_800_000, ...measured(2) }])
  assert.deepEqual(state.woken, [300_000], 'another figure is no news')
  await round(() => asked.at(-1)?.fail(new Error('no answer')))
  assert.deepEqual(tasks.answers(), [{ step: 'step', at: 1_800_000, ...measured(2) }])
  tasks.keep(new Set())
  assert.deepEqual(tasks.answers(), [])
})
