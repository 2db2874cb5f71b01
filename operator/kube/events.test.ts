import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubeError } from './error.ts'
import { EventRecorder } from './events.ts'
import { FakeClock } from './test-clock.ts'
import { MemoryLog } from './test-log.ts'
import type { KubeObject } from './types.ts'

const cluster: KubeObject = { apiVersion: 'x/v1', kind: 'Cluster', metadata: { name: 'c', namespace: 'ns', uid: 'u', resourceVersion: '7' } }

function start(fail: { create?: Error; patch?: Error } = {}) {
  const clock = new FakeClock(Date.UTC(2030, 0, 1))
  const log = new MemoryLog()
  const created: KubeObject[] = []
  const patched: { name: string; body: unknown }[] = []
  const recorder = new EventRecorder({
    client: {
      create: async (_type, object) => {
        if (fail.create) throw fail.create
        created.push(object)
        return object
      },
      patch: async (_type, _namespace, name, body) => {
        patched.push({ name, body })
        if (fail.patch) throw fail.patch
        return cluster
      },
    },
    controller: 'x/operator',
    instance: 'pod-1',
    clock,
    log,
  })
  return { clock, log, created, patched, recorder }
}

test('an event has all that the API insists on', async () => {
  const { recorder, created } = start()
  recorder.record(cluster, 'Warning', 'JobFailed', 'Job x failed', 'Migrate')
  await recorder.flush()
  const { metadata, ...event } = created[0] ?? assert.fail('no event')
  assert.match(metadata.name, /^c\.[0-9a-f]{16}$/)
  assert.equal(metadata.namespace, 'ns')
  assert.deepEqual(event, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: '2030-01-01T00:00:00.000000Z',
    reportingController: 'x/operator',
    reportingInstance: 'pod-1',
    type: 'Warning',
    reason: 'JobFailed',
    action: 'Migrate',
    note: 'Job x failed',
    regarding: { apiVersion: 'x/v1', kind: 'Cluster', name: 'c', namespace: 'ns', uid: 'u', resourceVersion: '7' },
  })
})

test('an event about an object without namespace lies in default, and an action is always there', async () => {
  const { recorder, created } = start()
  recorder.record({ ...cluster, metadata: { name: 'node' } }, 'Normal', 'Drained', 'm')
  await recorder.flush()
  assert.deepEqual(
    [created[0]?.metadata.namespace, created[0]?.['action'], created[0]?.['regarding']],
    ['default', 'Drained', { apiVersion: 'x/v1', kind: 'Cluster', name: 'node' }],
  )
})

test('the same event counts up, with one write at first and then one a minute', async () => {
  const { clock, recorder, created, patched } = start()
  const record = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) recorder.record(cluster, 'Normal', 'R', 'm')
    await clock.advance(0)
  }
  await record(2)
  const name = created[0]?.metadata.name
  assert.deepEqual(patched, [{ name, body: { series: { count: 2, lastObservedTime: '2030-01-01T00:00:00.000000Z' } } }])
  await clock.advance(59_000)
  await record(5)
  assert.equal(patched.length, 1)
  await clock.advance(1000)
  await record(1)
  assert.deepEqual(patched[1]?.body, { series: { count: 8, lastObservedTime: '2030-01-01T00:01:00.000000Z' } })
  await record(1)
  await recorder.flush()
  assert.deepEqual(patched[2]?.body, { series: { count: 9, lastObservedTime: '2030-01-01T00:01:00.000000Z' } })
  assert.equal(created.length, 1)
})

test('another message, reason or object, or the same after a quiet time, is another event', async () => {
  const { clock, recorder, created } = start()
  recorder.record(cluster, 'Normal', 'R', 'm')
  recorder.record(cluster, 'Normal', 'R', 'n')
  recorder.record(cluster, 'Normal', 'S', 'm')
  recorder.record(cluster, 'Warning', 'R', 'm')
  recorder.record({ ...cluster, metadata: { ...cluster.metadata, uid: 'v' } }, 'Normal', 'R', 'm')
  await clock.advance(360_000)
  recorder.record(cluster, 'Normal', 'R', 'm')
  await recorder.flush()
  assert.equal(created.length, 6)
})

test('a long message is cut to what the server takes', async () => {
  const { recorder, created } = start()
  recorder.record(cluster, 'Normal', 'R', 'x'.repeat(2000))
  await recorder.flush()
  const note = String(created[0]?.['note'])
  assert.deepEqual([Buffer.byteLength(note), note.endsWith('x…')], [1024, true])
})

test('what the server counts are bytes, and no character is cut through', async () => {
  const { recorder, created } = start()
  recorder.record(cluster, 'Warning', 'Long', `x${'…'.repeat(400)}`)
  await recorder.flush()
  const note = String(created[0]?.['note'])
  assert.deepEqual([Buffer.byteLength(note), note.includes('\uFFFD'), note.endsWith('…')], [1024, false, true])
})

test('an object that chatters is cut off after 25 events, and gets one more every five minutes', async () => {
  const { clock, recorder, created } = start()
  let number = 0
  const chatter = (): void => {
    for (let each = 0; each < 40; each++) recorder.record(cluster, 'Normal', 'R', `m${number++}`)
  }
  chatter()
  recorder.record({ ...cluster, metadata: { ...cluster.metadata, uid: 'quiet' } }, 'Normal', 'R', 'm')
  recorder.record(cluster, 'Warning', 'R', 'm')
  recorder.record(cluster, 'Normal', 'Ready', 'm')
  await recorder.flush()
  assert.equal(created.length, 28, '25 of the one that chatters, its Warning and its other reason all the same, and that of the other object')
  await clock.advance(300_000)
  chatter()
  await recorder.flush()
  assert.equal(created.length, 29)
})

test('a failure is logged and hurts nobody', async () => {
  const { recorder, log } = start({ create: new Error('no') })
  recorder.record(cluster, 'Normal', 'R', 'm')
  await recorder.flush()
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    ['an event was not written'],
  )
})

test('a series whose event has expired starts anew', async () => {
  const { recorder, created, patched, log } = start({ patch: new KubeError({ method: 'PATCH', path: '/', status: 404 }) })
  recorder.record(cluster, 'Normal', 'R', 'm')
  recorder.record(cluster, 'Normal', 'R', 'm')
  await recorder.flush()
  recorder.record(cluster, 'Normal', 'R', 'm')
  await recorder.flush()
  assert.deepEqual([created.length, patched.length, log.lines], [2, 1, []])
})

test('after a stop nothing is written', async () => {
  const { recorder, created } = start()
  recorder.record(cluster, 'Normal', 'R', 'm')
  recorder.stop()
  await recorder.flush()
  assert.deepEqual(created, [])
})
