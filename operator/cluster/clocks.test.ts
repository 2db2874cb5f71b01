import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../chrony/clock.ts'
import { clocksOf } from './clocks.ts'
import { conditionsOf } from './status.ts'
import { clusterOf, TestWorld } from './test-world.ts'

const scopeWith = (time: readonly Clock[] | undefined, mode = 'Monitor') => {
  const scope = new TestWorld(clusterOf({ timeSync: { mode, servers: ['ntp'] } })).scope()
  return { ...scope, outside: () => (time === undefined ? undefined : { ready: true, message: '', data: { time } }) }
}
const at = (offset: number): Clock[] => [{ node: 'a', state: 'Synchronized', offset, error: 0 }]
const shown = (offsetMilliseconds: number) => [{ node: 'a', synchronized: true, offsetMilliseconds }]

test('a figure stays while the clock is off it by no more than a tenth of the limit', () => {
  assert.deepEqual(clocksOf(scopeWith(at(0.0014)), undefined), shown(1))
  assert.deepEqual(clocksOf(scopeWith(at(0.0509)), shown(1)), shown(1))
  assert.deepEqual(clocksOf(scopeWith(at(-0.0509)), shown(1)), shown(-51))
})

test('a clock without a time has no figure', () => {
  assert.deepEqual(clocksOf(scopeWith([{ node: 'a', state: 'NoAnswer' }]), shown(1)), [{ node: 'a', synchronized: false }])
})

test('nodes that are no more are not shown; what was known stays until the first answer; nothing is shown when it is off', () => {
  assert.deepEqual(clocksOf(scopeWith(at(0)), [...shown(0), { node: 'b', synchronized: true, offsetMilliseconds: 7 }]), shown(0))
  assert.deepEqual(clocksOf(scopeWith(undefined), shown(7)), shown(7))
  assert.equal(clocksOf(scopeWith(at(0), 'Off'), shown(0)), undefined)
})

test('a clock that is wrong is the condition of a cloud that goes on as it is', () => {
  const world = new TestWorld(clusterOf({ timeSync: { mode: 'Monitor', servers: ['ntp'] } }))
  world.pods = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'chrony-1', labels: { 'app.kubernetes.io/name': 'chrony' } },
      spec: { nodeName: 'node-1' },
      status: { phase: 'Running', podIP: '10.1.0.1' },
    },
  ]
  let plan = world.plan()
  for (let round = 0; round < 50 && plan.some(({ state }) => state !== 'Ready'); round++) {
    world.act(plan)
    for (const { id, call } of plan) if (call !== undefined) world.answer(id, call)
    for (const key of world.unready()) world.makeReady(key)
    plan = world.plan()
  }
  const call = plan.find(({ id }) => id === 'compute/time')?.call
  assert.ok(call)
  world.answer('compute/time', call, { ready: false, message: '', problem: { reason: 'ClockOffset', message: 'that of node-1 is 2.0 s behind' } })
  plan = world.plan()
  assert.deepEqual(
    plan.filter(({ state }) => state !== 'Ready').map(({ id, state }) => `${id} ${state}`),
    ['compute/time Failed'],
  )
  const [ready] = conditionsOf(plan, { labelled: 1, up: 1 })
  assert.deepEqual([ready?.status, ready?.reason, ready?.message], ['False', 'ClockOffset', 'compute/time: that of node-1 is 2.0 s behind'])
  assert.deepEqual(
    plan.flatMap(({ changes }) => changes),
    [],
  )
})
