import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StepLog, shown, verdict } from './follow.ts'
import { timelineSvg } from './timeline-svg.ts'
import type { Span } from './timeline.ts'
import { criticalPath, timelineOf } from './timeline.ts'

function span(id: string, possible: number, start: number, end: number, needs: string[] = []): Span {
  return { id, kind: 'cloud', possible, start, end, needs }
}

void test('the critical path goes back through the need that was ready last', () => {
  const spans = [
    span('db', 0, 0, 50),
    span('mq', 0, 0, 40),
    span('schema', 50, 55, 70, ['db']),
    span('api', 70, 70, 100, ['schema', 'mq']),
    span('cache', 0, 0, 5),
  ]
  assert.deepEqual(criticalPath(spans), ['db', 'schema', 'api'])
})

void test('without known needs, what ended last before it could start is its need', () => {
  assert.deepEqual(criticalPath([span('a', 0, 0, 10), span('b', 0, 0, 30), span('c', 30, 35, 60)]), ['b', 'c'])
  assert.deepEqual(criticalPath([]), [])
})

void test('spans that need each other end the walk', () => {
  assert.deepEqual(criticalPath([span('a', 0, 0, 10, ['b']), span('b', 0, 0, 20, ['a'])]), ['a', 'b'])
})

void test('a timeline is in seconds since its begin, and its picture names every step once', () => {
  const timeline = timelineOf([span('b<c', 3000, 4000, 9500), span('a', 1000, 1000, 3000)])
  assert.equal(timeline.begin, '1970-01-01T00:00:01.000Z')
  assert.equal(timeline.seconds, 8.5)
  assert.deepEqual(
    timeline.steps.map(({ id, possible, start, end }) => [id, possible, start, end]),
    [
      ['a', 0, 0, 2],
      ['b<c', 2, 3, 8.5],
    ],
  )
  const svg = timelineSvg(timeline)
  assert.equal(svg.match(/<g>/g)?.length, 2)
  assert.match(svg, />b&lt;c</)
  assert.match(svg, /class="wait"/)
})

void test('only conditions of the applied generation count', () => {
  const said = { status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' } as const
  const ready = { ...said, type: 'Ready', reason: 'AllReady', message: 'all steps are ready' }
  assert.equal(verdict({ metadata: { generation: 2 }, status: { operator: 'o:1', conditions: [{ ...ready, observedGeneration: 1 }] } }, 'o:1').ready, false)
  assert.equal(verdict({ metadata: { generation: 2 }, status: { operator: 'o:1', conditions: [{ ...ready, observedGeneration: 2 }] } }, 'o:1').ready, true)
  // What an operator of another version said counts no more.
  assert.equal(verdict({ metadata: { generation: 2 }, status: { operator: 'o:1', conditions: [{ ...ready, observedGeneration: 2 }] } }, 'o:2').ready, false)
  const stalled = { ...said, type: 'Stalled', reason: 'Conflict', message: 'two networks', observedGeneration: 2 }
  assert.equal(verdict({ metadata: { generation: 2 }, status: { operator: 'o:1', conditions: [stalled] } }, 'o:1').stalled, 'Conflict: two networks')
})

void test('what a step was seen to wait for is its need once it is ready', () => {
  const log = new StepLog()
  log.see([{ id: 'api', state: 'Waiting', waitsFor: ['db'] }])
  log.see([{ id: 'api', state: 'Ready', possibleAt: '1970-01-01T00:00:01Z', startedAt: '1970-01-01T00:00:02Z', readyAt: '1970-01-01T00:00:03Z' }])
  assert.deepEqual(log.spans(), [{ id: 'api', kind: 'cloud', possible: 1000, start: 2000, end: 3000, needs: ['db'] }])
  assert.deepEqual(shown({ id: 'api', state: 'Waiting', waitsFor: ['db'], message: 'no address' }), { state: 'waiting', message: 'for db; no address' })
  assert.deepEqual(shown({ id: 'api', state: 'Waiting', waitsFor: ['db'], message: 'waits for db' }), { state: 'waiting', message: 'for db' })
})
