import assert from 'node:assert/strict'
import { test } from 'node:test'
import { request } from 'undici'
import { proxyPath } from './service-proxy.ts'
import { testApi } from './test-server.ts'

test('a request to a Service goes by way of the API server, as who we are there, and its answer comes back whole', async (t) => {
  const api = await testApi(t, { path: '/prefix', user: { token: 'ours' } })
  const answer = request('http://keystone-api.openstack.svc:5000/v3/auth/tokens?nocatalog', {
    method: 'POST',
    headers: { 'x-auth-token': 'theirs' },
    body: '{}',
    dispatcher: await api.client.services(),
  })
  const exchange = await api.next()
  assert.equal(exchange.path, '/prefix/api/v1/namespaces/openstack/services/http:keystone-api:5000/proxy/v3/auth/tokens')
  assert.deepEqual([exchange.method, exchange.query, exchange.body], ['POST', { nocatalog: '' }, '{}'])
  assert.deepEqual([exchange.headers.authorization, exchange.headers['x-auth-token']], ['Bearer ours', 'theirs'])
  exchange.answer(201, { a: 1 }, { 'x-subject-token': 'new' })
  const { statusCode, headers, body } = await answer
  assert.deepEqual([statusCode, headers['x-subject-token'], await body.json()], [201, 'new', { a: 1 }])
})

test('what is no address of a Service is refused', () => {
  assert.equal(proxyPath('https://web.ns.svc.cluster.local'), '/api/v1/namespaces/ns/services/https:web:443/proxy')
  assert.throws(() => proxyPath('http://10.0.0.1:5000'), /is not the address of a Service/)
  assert.throws(() => proxyPath('http://example.com'), /is not the address of a Service/)
})
