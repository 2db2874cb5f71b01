import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/types.ts'
import { OwnWrites } from './own-writes.ts'

const object = (resourceVersion: string, uid = 'a'): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', uid, resourceVersion } })

test('until the watch has caught up, our own write is the newest; revisions are numbers, not texts', () => {
  const writes = new OwnWrites()
  writes.remember('s', object('10'))
  assert.equal(writes.newest('s', object('9'))?.metadata.resourceVersion, '10')
  assert.equal(writes.newest('s', object('11'))?.metadata.resourceVersion, '11')
  assert.equal(writes.newest('s', object('9'))?.metadata.resourceVersion, '9', 'an outdated write is forgotten')
})

test('an object that is gone, or another one of the same name, is not hidden by our write', () => {
  const writes = new OwnWrites()
  writes.remember('s', object('10'))
  assert.equal(writes.newest('s', undefined), undefined)
  assert.equal(writes.newest('s', object('5', 'b'))?.metadata.uid, 'b')
})
