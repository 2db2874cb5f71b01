import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../api/v1alpha1/conditions.ts'
import { conditionEvents } from './condition-events.ts'

const condition = (type: string, status: Condition['status'], reason: string): Condition => ({
  type,
  status,
  reason,
  message: `${type}: ${reason}`,
  lastTransitionTime: '',
})
const told = (before: readonly Condition[] | undefined, after: readonly Condition[]) =>
  conditionEvents(before, after).map(({ type, reason }) => `${type} ${reason}`)

const ready = condition('Ready', 'True', 'Ready')
const glance = condition('GlanceReady', 'True', 'Ready')
const rolling = condition('GlanceReady', 'False', 'Progressing')

test('a part that becomes ready is told, and one that is under way again', () => {
  assert.deepEqual(told(undefined, [rolling]), [])
  assert.deepEqual(told([rolling], [glance]), ['Normal GlanceReady'])
  assert.deepEqual(told([glance], [glance]), [])
  assert.deepEqual(told([glance], [rolling]), ['Normal GlanceNotReady'])
  assert.deepEqual(told([glance], [condition('GlanceReady', 'False', 'ContainerFails')]), [], 'the problem is told by itself')
  assert.deepEqual(told([glance], [condition('GlanceReady', 'Unknown', 'Deleting')]), [])
  assert.deepEqual(told([glance], []), [], 'switched off by a person, who knows')
})

test('the cloud becomes ready, stops being so on its way, by a failure, and by its deletion', () => {
  assert.deepEqual(told(undefined, [condition('Ready', 'False', 'Progressing')]), [])
  assert.deepEqual(told([condition('Ready', 'False', 'Progressing')], [ready]), ['Normal Ready'])
  assert.deepEqual(told([ready], [condition('Ready', 'False', 'Progressing')]), ['Normal Progressing'])
  assert.deepEqual(told([ready], [condition('Ready', 'False', 'ContainerFails'), condition('Degraded', 'True', 'ContainerFails')]), ['Warning ContainerFails'])
  assert.deepEqual(told([ready], [condition('Ready', 'False', 'Deleting')]), ['Normal Deleting'])
})
