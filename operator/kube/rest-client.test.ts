import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from './rest-client.ts'
import type { WatchEvent } from './client.ts'
import { KubeError, isConflict, isGone } from './error.ts'
import { ResourceTypes } from './resources.ts'
import { until } from './test-clock.ts'
import { kubeconfig, testApi } from './test-server.ts'

const { deployments, nodes, pods, secrets } = ResourceTypes
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'ns', resourceVersion: '5' } }

test('an object is read by its path; where there is none, it is undefined', async (t) => {
  const api = await testApi(t)
  const found = api.client.get(deployments, 'ns', 'a')
  const first = await api.next()
  assert.deepEqual([first.method, first.path], ['GET', '/apis/apps/v1/namespaces/ns/deployments/a'])
  first.answer(200, pod)
  assert.deepEqual(await found, pod)
  const missing = api.client.get(nodes, undefined, 'b')
  const second = await api.next()
  assert.equal(second.path, '/api/v1/nodes/b')
  second.answer(404, { kind: 'Status', reason: 'NotFound', message: 'nodes "b" not found' })
  assert.equal(await missing, undefined)
})

test('a server below a path keeps it, and requests share a connection', async (t) => {
  const api = await testApi(t, { path: '/clusters/one/' })
  const connections: number[] = []
  for (const name of 'abcdefghij') {
    const read = api.client.get(pods, 'ns', name)
    const exchange = await api.next()
    assert.equal(exchange.path, `/clusters/one/api/v1/namespaces/ns/pods/${name}`)
    connections.push(exchange.connection)
    exchange.answer(200, pod)
    await read
  }
  // A second one is opened when a request comes before undici has seen that the first is free again.
  assert.ok(new Set(connections).size <= 2, connections.join(' '))
})

test('a list asks with its options, and its items get their kind', async (t) => {
  const api = await testApi(t)
  const list = api.client.list(pods, { namespace: 'ns', labelSelector: 'a=b,c', limit: 2, continue: 'x+y' })
  const exchange = await api.next()
  assert.deepEqual([exchange.path, exchange.query], ['/api/v1/namespaces/ns/pods', { labelSelector: 'a=b,c', limit: '2', continue: 'x+y' }])
  exchange.answer(200, { kind: 'PodList', metadata: { resourceVersion: '9', continue: 'z' }, items: [{ metadata: { name: 'a' } }] })
  assert.deepEqual(await list, { items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }], resourceVersion: '9', continue: 'z' })
})

test('a list of everything asks no namespace, and no items are none', async (t) => {
  const api = await testApi(t)
  const list = api.client.list(pods, {})
  const exchange = await api.next()
  assert.equal(exchange.path, '/api/v1/pods')
  exchange.answer(200, { metadata: { resourceVersion: '9', continue: '' }, items: null })
  assert.deepEqual(await list, { items: [], resourceVersion: '9' })
})

test('every way to write has its method, path, query, content type and body', async (t) => {
  const api = await testApi(t, { userAgent: 'teruwa/1' })
  const { client } = api
  const base = '/api/v1/namespaces/ns/pods'
  const cases = [
    [client.create(pods, pod), 'POST', base, {}, 'application/json', pod],
    [
      client.apply(pods, pod, { fieldManager: 'me', force: true }),
      'PATCH',
      `${base}/a`,
      { fieldManager: 'me', force: 'true' },
      'application/apply-patch+yaml',
      pod,
    ],
    [
      client.apply(pods, pod, { fieldManager: 'me', subresource: 'status' }),
      'PATCH',
      `${base}/a/status`,
      { fieldManager: 'me' },
      'application/apply-patch+yaml',
      pod,
    ],
    [client.patch(pods, 'ns', 'a', { x: null }, { type: 'merge' }), 'PATCH', `${base}/a`, {}, 'application/merge-patch+json', { x: null }],
    [client.patch(pods, 'ns', 'a', [], { type: 'json', fieldManager: 'me' }), 'PATCH', `${base}/a`, { fieldManager: 'me' }, 'application/json-patch+json', []],
    [client.update(pods, pod, { subresource: 'status' }), 'PUT', `${base}/a/status`, {}, 'application/json', pod],
  ] as const
  for (const [promise, method, path, query, contentType, body] of cases) {
    const exchange = await api.next()
    assert.deepEqual([exchange.method, exchange.path, exchange.query], [method, path, query])
    assert.deepEqual([exchange.headers['content-type'], exchange.headers['user-agent']], [contentType, 'teruwa/1'])
    assert.deepEqual(JSON.parse(exchange.body), body)
    exchange.answer(200, pod)
    assert.deepEqual(await promise, pod)
  }
})

test('a deletion names the object by uid, and one that is gone is no error', async (t) => {
  const api = await testApi(t)
  const deletion = api.client.delete(pods, 'ns', 'a', { uid: 'u', propagationPolicy: 'Foreground' })
  const exchange = await api.next()
  const { propagationPolicy, preconditions } = JSON.parse(exchange.body) as Record<string, unknown>
  assert.deepEqual([exchange.method, exchange.path, propagationPolicy, preconditions], ['DELETE', '/api/v1/namespaces/ns/pods/a', 'Foreground', { uid: 'u' }])
  exchange.answer(404, { reason: 'NotFound' })
  await deletion
})

test('a refusal says what was asked, why, and when to come back', async (t) => {
  const api = await testApi(t)
  const creation = api.client.create(pods, pod)
  const details = { name: 'a', retryAfterSeconds: 3 }
  void api.next().then((exchange) => exchange.answer(409, { reason: 'AlreadyExists', message: 'pods "a" already exists', details }, { 'retry-after': '2' }))
  await assert.rejects(creation, (error) => {
    assert.ok(error instanceof KubeError && isConflict(error))
    assert.deepEqual([error.status, error.reason, error.details, error.retryAfter], [409, 'AlreadyExists', details, 2000])
    assert.equal(error.message, 'POST /api/v1/namespaces/ns/pods was answered with 409 AlreadyExists: pods "a" already exists')
    return true
  })
})

test('a value of a Secret that the server quotes is not repeated', async (t) => {
  const api = await testApi(t)
  const data = { password: Buffer.from('hunter22').toString('base64') }
  const creation = api.client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'ns' }, data })
  void api.next().then((exchange) => exchange.answer(422, { reason: 'Invalid', message: `${data.password}, which is hunter22, is too short` }))
  await assert.rejects(creation, ({ message }: Error) => message.endsWith('422 Invalid: ***, which is ***, is too short'))
})

test('of a refusal that quotes a whole object the beginning and the end are kept', async (t) => {
  const api = await testApi(t)
  const creation = api.client.create(pods, pod)
  void api
    .next()
    .then((exchange) => exchange.answer(422, { reason: 'Invalid', message: `spec.template: Invalid value: ${'x'.repeat(9000)}: field is immutable` }))
  await assert.rejects(
    creation,
    ({ message }: Error) => message.length < 1000 && /Invalid: spec\.template: Invalid value: x+ … x+: field is immutable$/.test(message),
  )
})

test('an answer that is no JSON, or none at all, is a KubeError; an abort is the reason', async (t) => {
  const counted: string[] = []
  const api = await testApi(t, { onRequest: (method, code) => counted.push(`${method} ${code}`) })
  const page = api.client.get(pods, 'ns', 'a')
  void api.next().then(({ response }) => response.writeHead(502).end('<html>bad\n gateway</html>'))
  await assert.rejects(page, (error) => error instanceof KubeError && error.status === 502 && error.message.endsWith('<html>bad gateway</html>'))
  const broken = api.client.get(pods, 'ns', 'a')
  void api.next().then(({ response }) => response.socket?.destroy())
  await assert.rejects(broken, (error) => error instanceof KubeError && error.status === undefined && error.message.includes('/pods/a got no answer: '))
  const controller = new AbortController()
  const aborted = api.client.get(pods, 'ns', 'a', controller.signal)
  void api.next().then(() => controller.abort(new Error('stopped')))
  await assert.rejects(aborted, /^Error: stopped$/)
  assert.deepEqual(counted, ['GET 502', 'GET <error>'])
})

test('a watch asks for bookmarks and brings events, however they are cut into chunks', async (t) => {
  const api = await testApi(t)
  const events: WatchEvent[] = []
  const watching = collect(api.client.watch(pods, { namespace: 'ns', resourceVersion: '5', timeoutSeconds: 300 }, t.signal), events)
  const { query, path, response } = await api.next()
  assert.deepEqual([path, query], ['/api/v1/namespaces/ns/pods', { resourceVersion: '5', timeoutSeconds: '300', watch: 'true', allowWatchBookmarks: 'true' }])
  const umlaut = { ...pod, metadata: { ...pod.metadata, labels: { a: 'ä' } } }
  const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: umlaut })}\n${JSON.stringify({ type: 'BOOKMARK', object: pod })}\n`)
  const middle = bytes.indexOf('ä') + 1
  response.write(bytes.subarray(0, middle))
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  response.end(bytes.subarray(middle))
  await watching
  assert.deepEqual(events, [
    { type: 'ADDED', object: umlaut },
    { type: 'BOOKMARK', object: pod },
  ])
})

test('an ERROR in a watch is thrown with its status', async (t) => {
  const api = await testApi(t)
  const watching = collect(api.client.watch(pods, { resourceVersion: '5', timeoutSeconds: 300 }, t.signal))
  const exchange = await api.next()
  exchange.send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } })
  await assert.rejects(watching, (error) => isGone(error) && error.message.startsWith('WATCH /api/v1/pods was answered with 410 Expired'))
})

test('a watch ends with its signal, and when nobody listens any more', async (t) => {
  const api = await testApi(t)
  const controller = new AbortController()
  const watching = collect(api.client.watch(pods, { resourceVersion: '5', timeoutSeconds: 300 }, controller.signal))
  const first = await api.next()
  first.send({ type: 'ADDED', object: pod })
  controller.abort(new Error('stopped'))
  await assert.rejects(watching, /^Error: stopped$/)
  const iterator = api.client.watch(pods, { resourceVersion: '5', timeoutSeconds: 300 }, t.signal)[Symbol.asyncIterator]()
  const event = iterator.next()
  const second = await api.next()
  second.send({ type: 'ADDED', object: pod })
  await event
  await iterator.return?.()
  await until(() => second.response.destroyed, 'the connection of the watch is closed')
})

test('watches keep no request waiting', async (t) => {
  const api = await testApi(t)
  const controller = new AbortController()
  const watches = Array.from({ length: 40 }, () =>
    collect(api.client.watch(pods, { resourceVersion: '5', timeoutSeconds: 300 }, controller.signal)).catch(() => undefined),
  )
  for (const _ of watches) (await api.next()).send()
  const read = api.client.get(pods, 'ns', 'a')
  ;(await api.next()).answer(200, pod)
  assert.deepEqual(await read, pod)
  controller.abort()
  await Promise.all(watches)
})

test('the token is sent; refused, it is read again, once', async (t) => {
  const api = await testApi(t, { user: { token: 'abc' } })
  const read = api.client.get(pods, 'ns', 'a')
  const first = await api.next()
  assert.equal(first.headers.authorization, 'Bearer abc')
  first.answer(401, {})
  const second = await api.next()
  second.answer(401, { reason: 'Unauthorized', message: 'Unauthorized' })
  await assert.rejects(read, (error) => error instanceof KubeError && error.status === 401 && !error.message.includes('abc'))
  assert.equal(api.waiting.length, 0)
})

test('a kubeconfig that names no cluster is refused at once', async (t) => {
  const file = kubeconfig(t, undefined, {})
  await assert.rejects(connect({ kubeconfig: `${file}.missing` }), /ENOENT/)
})

async function collect(watch: AsyncIterable<WatchEvent>, events: WatchEvent[] = []): Promise<void> {
  for await (const event of watch) events.push(event)
}

test('the log of a pod is followed from its last line on, until it ends or nobody listens any more', async (t) => {
  const api = await testApi(t)
  const log = api.client.log('openstack', 'image-a-x', new AbortController().signal)[Symbol.asyncIterator]()
  const first = log.next()
  const exchange = await api.next()
  assert.deepEqual([exchange.path, exchange.query], ['/api/v1/namespaces/openstack/pods/image-a-x/log', { follow: 'true', tailLines: '1' }])
  exchange.response.writeHead(200).write('1 of 3 MiB\n')
  assert.deepEqual(await first, { done: false, value: '1 of 3 MiB' })
  exchange.response.end('2 of 3 MiB\n')
  assert.deepEqual(await log.next(), { done: false, value: '2 of 3 MiB' })
  assert.equal((await log.next()).done, true)
})

test('of a log that is not followed, the lines that are asked for', async (t) => {
  const api = await testApi(t)
  const options = { container: 'nova-api', follow: false, tailLines: 5, sinceSeconds: 60, timestamps: true }
  const log = Array.fromAsync(api.client.log('openstack', 'nova-api-x', new AbortController().signal, options))
  const exchange = await api.next()
  assert.deepEqual(exchange.query, { container: 'nova-api', follow: 'false', tailLines: '5', sinceSeconds: '60', timestamps: 'true' })
  exchange.response.end('2026-01-01T00:00:00Z a\n2026-01-01T00:00:01Z b\n')
  assert.deepEqual(await log, ['2026-01-01T00:00:00Z a', '2026-01-01T00:00:01Z b'])
})
