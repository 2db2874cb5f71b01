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
const clock = (node: string, offset: number, error = 0): Clock => ({ node, state: 'Synchronized', offset, error })

test('clocks that are off by more than the limit for certain are counted as wrong, and those without a time', () => {
  const clocks = [clock('a', 0.499), clock('b', -0.501), clock('c', 0.9, 0.5), { node: 'd', state: 'NoAnswer' } as const]
  assert.deepEqual(clocksOf(scopeWith(clocks)), { watchedClocks: 4, wrongClocks: 2 })
})

test('what was counted stays until the first answer; nothing is counted when it is off', () => {
  const counted = { watchedClocks: 3, wrongClocks: 1 }
  assert.deepEqual(clocksOf(scopeWith(undefined), counted), counted)
  assert.deepEqual(clocksOf(scopeWith(undefined)), {})
  assert.deepEqual(clocksOf(scopeWith([clock('a', 0)], 'Off'), counted), {})
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
  world.settle()
  let plan = world.plan()
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
