import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResourceTypes, collectionPath, describe, objectPath, resourceTypeOf } from './resources.ts'

test('a kind is found by its name', () => {
  assert.equal(resourceTypeOf('StatefulSet'), ResourceTypes.statefulSets)
  assert.throws(() => resourceTypeOf('Ingress'), /kind Ingress is none of Secret, /)
})

test('paths of groups, namespaces and names', () => {
  const { leases, nodes, pods } = ResourceTypes
  assert.equal(objectPath(leases, 'ns', 'a/b'), '/apis/coordination.k8s.io/v1/namespaces/ns/leases/a%2Fb')
  assert.equal(objectPath(nodes, 'ignored', 'a'), '/api/v1/nodes/a')
  assert.equal(collectionPath(pods), '/api/v1/pods')
})

test('a name or namespace that is missing does not make the path of something larger', () => {
  assert.throws(() => objectPath(ResourceTypes.pods, undefined, 'a'), /Pod a without a namespace/)
  assert.throws(() => objectPath(ResourceTypes.pods, 'ns', ''), /a Pod without a name/)
})

test('an object in words', () => {
  assert.equal(describe({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'ns' } }), 'Pod ns/a')
  assert.equal(describe({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } }), 'Node a')
})
