import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCondition, isTrue, setConditions } from './conditions.ts'
import type { WantedCondition } from './conditions.ts'

const early = new Date('2026-01-01T10:00:00.123Z')
const later = new Date('2026-01-01T11:00:00.456Z')
const waiting: WantedCondition = { type: 'Ready', status: 'False', reason: 'WaitingForKeystone', message: 'keystone/api waits for keystone/schema' }

test('a new condition gets the time in whole seconds and the generation', () => {
  assert.deepEqual(setConditions(undefined, [waiting], 3, early), [{ ...waiting, observedGeneration: 3, lastTransitionTime: '2026-01-01T10:00:00Z' }])
})

test('another reason and message leave the time of the transition alone', () => {
  const before = setConditions(undefined, [waiting], 3, early)
  const [after] = setConditions(before, [{ ...waiting, reason: 'LabelANode', message: 'no node is labelled' }], 4, later)
  assert.equal(after?.lastTransitionTime, '2026-01-01T10:00:00Z')
  assert.equal(after?.reason, 'LabelANode')
  assert.equal(after?.observedGeneration, 4)
})

test('another status moves the time of the transition', () => {
  const before = setConditions(undefined, [waiting], 3, early)
  const after = setConditions(before, [{ ...waiting, status: 'True', reason: 'Ready' }], 3, later)
  assert.equal(findCondition(after, 'Ready')?.lastTransitionTime, '2026-01-01T11:00:00Z')
  assert.ok(isTrue(after, 'Ready'))
})

test('conditions that are not named stay as they are and in their place', () => {
  const before = setConditions(undefined, [waiting, { ...waiting, type: 'Stalled' }], 3, early)
  const after = setConditions(
    before,
    [
      { ...waiting, type: 'Degraded' },
      { ...waiting, status: 'True' },
    ],
    3,
    later,
  )
  assert.deepEqual(
    after.map(({ type }) => type),
    ['Ready', 'Stalled', 'Degraded'],
  )
  assert.equal(after[1], before[1])
})

test('nothing new gives the very same conditions, so that a status need not be written', () => {
  const before = setConditions(undefined, [waiting], 3, early)
  assert.equal(setConditions(before, [waiting], 3, later)[0], before[0])
})
