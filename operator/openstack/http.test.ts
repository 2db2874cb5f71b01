import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from './error.ts'
import { messageOf, send } from './http.ts'
import { listen } from './test-server.ts'

const nova = { service: 'nova', method: 'GET' }

test('an answer is parsed, an empty one is nothing', async (t) => {
  const url = await listen(t, (request, response) =>
    response.writeHead(request.url === '/?a=1' ? 200 : 204, { 'x-a': 'b' }).end(request.url === '/?a=1' ? '{"b":2}' : ''),
  )
  const { status, body, headers } = await send({ ...nova, url: `${url}/`, query: { a: 1, b: undefined } })
  assert.deepEqual([status, body, headers['x-a']], [200, { b: 2 }, 'b'])
  assert.equal((await send({ ...nova, url })).body, undefined)
})

test('JSON goes as what the caller says that it is', async (t) => {
  const types: (string | undefined)[] = []
  const url = await listen(t, (request, response) => {
    types.push(request.headers['content-type'])
    response.end()
  })
  const patch = 'application/openstack-images-v2.1-json-patch'
  await send({ service: 'glance', method: 'POST', url, json: {} })
  await send({ service: 'glance', method: 'PATCH', url, json: [], headers: { 'content-type': patch } })
  await send({ service: 'glance', method: 'GET', url })
  assert.deepEqual(types, ['application/json', patch, undefined])
})

test('a refusal names service, method, URL without its query, status and reason', async (t) => {
  const url = await listen(t, (_request, response) => response.writeHead(403).end('{"forbidden": {"message": "Quota exceeded", "code": 403}}'))
  await assert.rejects(send({ ...nova, url: `${url}/servers`, query: { token: 'abc' } }), (error) => {
    assert.ok(error instanceof ServiceError)
    assert.deepEqual([error.message, error.status], [`nova: GET ${url}/servers was answered with 403: Quota exceeded`, 403])
    return true
  })
})

test('a password that the service quotes is not repeated', async (t) => {
  const url = await listen(t, (_request, response) => response.writeHead(400).end('{"error": {"message": "hunter2 is too short"}}'))
  await assert.rejects(send({ service: 'keystone', method: 'POST', url, json: { user: { password: 'hunter2' } } }), ({ message }: Error) =>
    message.endsWith(': *** is too short'),
  )
})

test('where nobody listens, the error says who did not answer and why', async (t) => {
  const url = await listen(t, () => undefined)
  const gone = new URL(url)
  gone.port = '1'
  await assert.rejects(send({ service: 'keystone', method: 'GET', url: `${gone.origin}/v3?x=y` }), (error) => {
    assert.ok(error instanceof ServiceError && error.cause !== undefined && error.status === undefined)
    assert.equal(error.message, 'keystone at http://127.0.0.1:1 did not answer: ECONNREFUSED')
    return true
  })
})

test('a server that says nothing is given up', async (t) => {
  const url = await listen(t, () => undefined)
  await assert.rejects(send({ ...nova, url, timeout: 50 }), /did not answer: nothing within 0.05 s/)
})

test('an aborted request ends with the reason of its signal', async (t) => {
  const reason = new Error('the operator stops')
  const controller = new AbortController()
  const url = await listen(t, () => controller.abort(reason))
  await assert.rejects(send({ ...nova, url, signal: controller.signal }), (error) => error === reason)
  await assert.rejects(send({ ...nova, url, signal: controller.signal }), (error) => error === reason)
})

test('something that is no JSON is an error that shows its start', async (t) => {
  const url = await listen(t, (_request, response) => response.end('<html>'))
  await assert.rejects(send({ ...nova, url }), /expected JSON, got "<html>"/)
})

test('the reason is found in the words of each service', () => {
  assert.equal(
    messageOf('{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}'),
    'The request you have made requires authentication.',
  )
  assert.equal(messageOf('{"NeutronError":{"type":"IpAddressInUse","message":"Unable to complete","detail":""}}'), 'Unable to complete')
  assert.equal(messageOf('{"errors":[{"status":404,"title":"Not Found","detail":"No such thing"}]}'), 'No such thing')
  assert.equal(messageOf('{"error":"not_authorised","reason":"Login failed"}'), 'Login failed')
  assert.equal(
    messageOf('<html><head><title>409</title></head><body><h1>409 Conflict</h1>There was a conflict<br /></body></html>'),
    '409 Conflict There was a conflict',
  )
  assert.equal(messageOf(''), '')
})
