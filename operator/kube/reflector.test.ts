import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Reflector } from './reflector.ts'
import type { ReflectorOptions } from './reflector.ts'
import { ResourceTypes } from './resources.ts'
import { FakeClock, until } from './test-clock.ts'
import { MemoryLog } from './test-log.ts'
import { testApi } from './test-server.ts'
import type { Exchange } from './test-server.ts'

const PATH = '/api/v1/namespaces/ns/pods'

function pod(name: string, resourceVersion: string, more: object = {}) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion, ...more } }
}

function answerList(exchange: Exchange, resourceVersion: string, items: unknown[], next?: string): void {
  assert.equal(exchange.query['watch'], undefined)
  exchange.answer(200, { metadata: { resourceVersion, ...(next ? { continue: next } : {}) }, items })
}

const bookmark = (resourceVersion: string) => ({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion } } })
const expired = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } }

/** Until the wait after a failure has begun; the other timer, of a watch, is longer than any such wait. */
async function waits(clock: FakeClock): Promise<void> {
  await until(() => clock.pending.some((ms) => ms <= 30_000), 'it waits')
}

async function start(t: TestContext, options: Partial<ReflectorOptions> = {}) {
  const api = await testApi(t)
  const clock = new FakeClock()
  const log = new MemoryLog()
  const changes: string[] = []
  const reflector = new Reflector({
    client: api.client,
    type: ResourceTypes.pods,
    namespace: 'ns',
    onChange: ({ type, object, old }) => changes.push([type, object.metadata.name, old?.metadata.resourceVersion, object.metadata.resourceVersion].join(' ')),
    log,
    clock,
    random: () => 0.5,
    ...options,
  })
  const controller = new AbortController()
  t.after(() => controller.abort())
  reflector.start(controller.signal)
  /** Answers the first list, and returns the watch that follows, open. */
  const synced = async (resourceVersion: string, items: unknown[]): Promise<Exchange> => {
    answerList(await api.next(), resourceVersion, items)
    const watch = await api.next()
    watch.send()
    changes.length = 0
    return watch
  }
  return { api, clock, log, changes, reflector, controller, synced }
}

test('a list in pages fills the store before it is in sync, and the watch goes on from there', async (t) => {
  const { api, reflector, changes } = await start(t, { labelSelector: 'app' })
  const first = await api.next()
  assert.deepEqual([first.path, first.query], [PATH, { labelSelector: 'app', limit: '500' }])
  answerList(first, '10', [pod('a', '1')], 'token')
  const second = await api.next()
  assert.deepEqual(second.query, { labelSelector: 'app', limit: '500', continue: 'token' })
  assert.deepEqual([reflector.isSynced(), reflector.store.size], [false, 0])
  answerList(second, '10', [pod('b', '2', { managedFields: [{}] })])
  await reflector.synced
  assert.ok(reflector.isSynced())
  assert.deepEqual(changes, ['added a  1', 'added b  2'])
  assert.deepEqual(reflector.store.get('ns', 'b'), pod('b', '2'))
  const watch = await api.next()
  assert.deepEqual([watch.path, watch.query['resourceVersion'], watch.query['timeoutSeconds'], watch.query['labelSelector']], [PATH, '10', '450', 'app'])
})

test('a page whose token has expired is followed by a list in one piece', async (t) => {
  const { api, reflector } = await start(t)
  answerList(await api.next(), '10', [pod('a', '1')], 'token')
  ;(await api.next()).answer(410, { code: 410, reason: 'Expired' })
  const whole = await api.next()
  assert.deepEqual(whole.query, {})
  answerList(whole, '12', [pod('b', '2')])
  await reflector.synced
  assert.deepEqual(
    reflector.store.list().map(({ metadata }) => metadata.name),
    ['b'],
  )
})

test('events change the store, and the same version twice is no change', async (t) => {
  const { reflector, changes, synced } = await start(t)
  const watch = await synced('10', [pod('a', '1')])
  watch.send(
    { type: 'ADDED', object: pod('b', '11') },
    { type: 'ADDED', object: pod('a', '1') },
    { type: 'MODIFIED', object: pod('a', '12') },
    { type: 'MODIFIED', object: pod('a', '12') },
    { type: 'DELETED', object: pod('b', '13') },
    { type: 'DELETED', object: pod('c', '14') },
    { type: 'ADDED', object: pod('end', '15') },
  )
  await until(() => changes.at(-1) === 'added end  15', 'all events have come')
  assert.deepEqual(changes, ['added b  11', 'updated a 1 12', 'deleted b  13', 'added end  15'])
  assert.deepEqual(
    reflector.store.list('ns').map(({ metadata }) => metadata.name),
    ['a', 'end'],
  )
})

test('an object that was made again under its name is a deletion and an addition', async (t) => {
  const { changes, synced } = await start(t)
  const watch = await synced('10', [pod('a', '1')])
  watch.send({ type: 'MODIFIED', object: pod('a', '12', { uid: 'other' }) })
  await until(() => changes.length === 2, 'both changes have come')
  assert.deepEqual(changes, ['deleted a  1', 'added a  12'])
})

test('a watch that was closed is resumed after its last event or bookmark, without a list', async (t) => {
  const { api, synced, changes } = await start(t)
  const first = await synced('10', [])
  first.send({ type: 'ADDED', object: pod('a', '11') })
  first.response.end()
  const second = await api.next()
  assert.equal(second.query['resourceVersion'], '11')
  second.send(bookmark('20'))
  second.response.end()
  const third = await api.next()
  assert.deepEqual([third.query['resourceVersion'], changes], ['20', ['added a  11']])
})

test('a connection that breaks is resumed after a wait', async (t) => {
  const { api, clock, log, synced } = await start(t)
  const first = await synced('10', [])
  first.send({ type: 'ADDED', object: pod('a', '11') })
  await until(() => first.response.writableLength === 0, 'the event is sent')
  first.response.socket?.destroy()
  await until(() => log.lines.length > 0, 'the failure is logged')
  assert.deepEqual(clock.pending, [200])
  await clock.advance(200)
  assert.equal((await api.next()).query['resourceVersion'], '11')
})

test('when the version is too old, a list tells what was missed, deletions too, at once', async (t) => {
  const { api, synced, changes, log } = await start(t)
  const watch = await synced('10', [pod('gone', '1'), pod('same', '2'), pod('changed', '3'), pod('again', '4')])
  watch.send(expired)
  answerList(await api.next(), '50', [pod('same', '2'), pod('changed', '40'), pod('again', '41', { uid: 'other' }), pod('new', '42')])
  assert.equal((await api.next()).query['resourceVersion'], '50')
  assert.deepEqual(changes, ['deleted gone  1', 'updated changed 3 40', 'deleted again  4', 'added again  41', 'added new  42'])
  assert.deepEqual(
    log.lines.map(({ level }) => level),
    ['debug'],
  )
})

test('a server that answers every watch with 410 is not asked in a tight loop', async (t) => {
  const { api, clock, synced } = await start(t)
  const watch = await synced('10', [])
  watch.send(expired)
  answerList(await api.next(), '11', [])
  ;(await api.next()).answer(410, { code: 410, reason: 'Expired' })
  await waits(clock)
  assert.deepEqual([clock.pending, api.waiting.length], [[400], 0])
})

test('failures wait longer and longer, up to half a minute, and success ends the row', async (t) => {
  const { api, clock } = await start(t)
  const found: (number | undefined)[] = []
  for (let failure = 0; failure < 10; failure++) {
    ;(await api.next()).answer(500, { message: 'no' })
    await waits(clock)
    found.push(clock.pending[0])
    await clock.advance(30_000)
  }
  assert.deepEqual(found, [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
  answerList(await api.next(), '10', [])
  const watch = await api.next()
  watch.send(bookmark('11'))
  await until(() => watch.response.writableLength === 0, 'the bookmark is sent')
  watch.response.socket?.destroy()
  await waits(clock)
  assert.deepEqual(clock.pending, [200])
})

test('a server that is too busy is left alone for as long as it asks', async (t) => {
  const { api, clock, reflector } = await start(t)
  ;(await api.next()).answer(429, { code: 429, reason: 'TooManyRequests' }, { 'retry-after': '7' })
  await waits(clock)
  assert.deepEqual(clock.pending, [7000])
  await clock.advance(7000)
  answerList(await api.next(), '10', [])
  await reflector.synced
})

test('a watch that the server neither feeds nor ends is renewed from where it was', async (t) => {
  const { api, clock, synced, log } = await start(t)
  const watch = await synced('10', [])
  assert.deepEqual(clock.pending, [460_000])
  await clock.advance(459_999)
  assert.equal(api.waiting.length, 0)
  await clock.advance(1)
  const renewed = await api.next()
  assert.equal(renewed.query['resourceVersion'], '10')
  await until(() => watch.response.destroyed, 'the silent one is closed')
  assert.deepEqual(log.lines, [])
})

test('watches that end at once and empty are a failure', async (t) => {
  const { api, clock, synced, log } = await start(t)
  const watch = await synced('10', [])
  watch.response.end()
  await waits(clock)
  assert.deepEqual([clock.pending, log.lines.length, api.waiting.length], [[200], 1, 0])
})

test('a version that the server does not know is given up after some failures', async (t) => {
  const { api, clock, synced } = await start(t)
  const watch = await synced('10', [])
  watch.response.end()
  for (let failure = 0; failure < 2; failure++) {
    await waits(clock)
    await clock.advance(30_000)
    const exchange = await api.next()
    assert.equal(exchange.query['resourceVersion'], '10')
    exchange.answer(504, { code: 504, reason: 'Timeout', message: 'Too large resource version' })
  }
  await waits(clock)
  await clock.advance(30_000)
  answerList(await api.next(), '5', [])
})

test('a handler that throws ends nothing', async (t) => {
  const seen: string[] = []
  const { log, reflector, synced } = await start(t, {
    onChange: ({ object }) => {
      seen.push(object.metadata.name)
      throw new Error('no')
    },
  })
  await synced('10', [pod('a', '1'), pod('b', '2')])
  await reflector.synced
  assert.deepEqual([seen, log.lines.map(({ message }) => message)], [['a', 'b'], Array(2).fill('handling a change failed')])
})

test('after an abort nothing is asked any more', async (t) => {
  const { api, clock, controller, log, synced } = await start(t)
  const watch = await synced('10', [])
  controller.abort()
  await until(() => watch.response.destroyed, 'the watch is closed')
  await clock.advance(3_600_000)
  assert.deepEqual([api.waiting.length, clock.pending, log.lines], [0, [], []])
})

test('a refresh lists again at once and takes every object for changed, whatever its version', async (t) => {
  const { api, reflector, changes, synced, clock } = await start(t)
  await synced('10', [pod('a', '1')])
  reflector.refresh()
  answerList(await api.next(), '11', [pod('a', '1', { labels: { new: 'yes' } })])
  const watch = await api.next()
  assert.deepEqual(changes, ['updated a 1 1'])
  assert.deepEqual(reflector.store.get('ns', 'a')?.metadata.labels, { new: 'yes' })
  watch.send()
  await until(() => watch.response.writableLength === 0, 'the answer has begun')
  watch.response.socket?.destroy()
  await waits(clock)
  reflector.refresh()
  assert.equal((await api.next()).query['resourceVersion'], undefined, 'it is a list, and does not wait')
})

test('a list that is forbidden again and again is told, and is no reason not to go on trying', async (t) => {
  const { api, clock, reflector } = await start(t)
  let settled = false
  const waiting = reflector.settled.then(() => (settled = true))
  for (const told of [false, false, true]) {
    ;(await api.next()).answer(403, { code: 403, reason: 'Forbidden' })
    await waits(clock)
    assert.deepEqual([reflector.isForbidden(), settled], [told, told])
    await clock.advance(30_000)
  }
  await waiting
  answerList(await api.next(), '10', [])
  await reflector.synced
  assert.equal(reflector.isForbidden(), false)
})
