import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../chrony/clock.ts'
import { clocksOf } from './clocks.ts'
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
