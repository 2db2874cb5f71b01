import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Store } from './store.ts'
import type { KubeObject } from './types.ts'

function object(namespace: string | undefined, name: string, owners: readonly string[] = []): KubeObject {
  const ownerReferences = owners.map((uid) => ({ apiVersion: 'v1', kind: 'X', name: uid, uid }))
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...(namespace ? { namespace } : {}), ownerReferences } }
}

test('objects are found by name and by namespace', () => {
  const store = new Store()
  const [a, b, node] = [object('one', 'a'), object('two', 'a'), object(undefined, 'a')]
  for (const each of [a, b, node]) assert.equal(store.set(each), undefined)
  assert.deepEqual([store.get('one', 'a'), store.get('two', 'a'), store.get(undefined, 'a'), store.get('one', 'b')], [a, b, node, undefined])
  assert.deepEqual([store.list('one'), store.list('none'), store.list().length, store.size], [[a], [], 3, 3])
})

test('a newer object takes the place of the older one, also with its owners', () => {
  const store = new Store()
  const [older, newer] = [object('one', 'a', ['x', 'y']), object('one', 'a', ['y'])]
  store.set(older)
  assert.equal(store.set(newer), older)
  assert.deepEqual([store.ownedBy('x'), store.ownedBy('y'), store.list()], [[], [newer], [newer]])
})

test('what is deleted is gone from every index', () => {
  const store = new Store()
  const [a, b] = [object('one', 'a', ['x']), object('one', 'b', ['x'])]
  store.set(a)
  store.set(b)
  assert.equal(store.delete(object('one', 'a')), a)
  assert.equal(store.delete(object('one', 'a')), undefined)
  assert.deepEqual([store.list('one'), store.ownedBy('x')], [[b], [b]])
})
