import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeclarationError } from './error.ts'
import { changedFields, planActions } from './resource.ts'
import type { Wanted } from './resource.ts'

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
