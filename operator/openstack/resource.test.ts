import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeclarationError } from './error.ts'
import { changedFields, converge, planActions } from './resource.ts'
import type { Wanted } from './resource.ts'
import { Session } from './session.ts'
import { listen } from './test-server.ts'

const want: Wanted = {
  name: 'net',
  key: { name: 'net', project_id: 'p' },
  fields: { shared: true, mtu: undefined },
  fixed: { type: 'flat' },
  initial: { password: 'x' },
}

test('what is missing is made with all that is known of it, but not with what nobody cares for', () => {
  assert.deepEqual(planActions('network', [want], [{ id: '1', name: 'net', project_id: 'other' }]), [
    { do: 'create', wanted: want, body: { name: 'net', project_id: 'p', shared: true, type: 'flat', password: 'x' } },
  ])
})

test('what is there is changed only where a field differs', () => {
  const listed = { id: '1', name: 'net', project_id: 'p', type: 'flat', mtu: 1500 }
  assert.deepEqual(planActions('network', [want], [{ ...listed, shared: true }]), [{ do: 'nothing', wanted: want, id: '1' }])
  assert.deepEqual(planActions('network', [want], [{ ...listed, shared: false }]), [{ do: 'update', wanted: want, id: '1', body: { shared: true } }])
})

test('a fixed field that differs is refused by its name, with both values', () => {
  const listed = [{ id: '1', name: 'net', project_id: 'p', type: 'vlan', shared: true }]
  assert.throws(
    () => planActions('network', [want], listed),
    (error) =>
      error instanceof DeclarationError &&
      error.reason === 'ImmutableField' &&
      /network net: type is "vlan" and cannot be changed to "flat"/.test(error.message),
  )
})

test('two of one name are refused with their ids', () => {
  const listed = ['1', '2'].map((id) => ({ id, name: 'net', project_id: 'p', type: 'flat', shared: true }))
  assert.throws(() => planActions('network', [want], listed), /there are 2 of network net, with the ids 1, 2/)
})

test('fields compare by value, and a missing one is as good as null', () => {
  assert.deepEqual(changedFields({ a: [{ b: 1 }], c: null, d: undefined, e: 'x' }, { a: [{ b: 1 }], e: 'y' }), { e: 'x' })
})

test('what a service says can never be is for a person, with its words', async (t) => {
  const url = await listen(t, (request, response) => {
    if (request.url === '/auth/tokens') {
      const body = { token: { expires_at: '2999-01-01T00:00:00Z', user: { id: 'admin' } } }
      response.writeHead(201, { 'x-subject-token': 'token' }).end(JSON.stringify(body))
    } else response.writeHead(400).end(JSON.stringify({ NeutronError: { message: 'Requested MTU is too big, maximum is 1450' } }))
  })
  const session = new Session({ authUrl: url, username: 'admin', password: 'x', endpoints: { network: url } })
  const networks = { service: 'network', path: '/networks', singular: 'network', plural: 'networks', update: 'PUT' } as const
  await assert.rejects(
    converge(session, networks, [{ ...want, initial: {} }], [], []),
    (error) => error instanceof DeclarationError && error.message === 'network net: neutron refuses it: Requested MTU is too big, maximum is 1450',
  )
})
