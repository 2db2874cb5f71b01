import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roleOf } from './target.ts'

void test('one node does all; of several the first one does what is not guests, and the others do nothing else', () => {
  const label = 'openstack.teruwa.io'
  assert.deepEqual(roleOf(0, 1), { labels: { [`${label}/hypervisor`]: 'true', [`${label}/network`]: 'true' }, taints: [] })
  assert.deepEqual(roleOf(0, 3), { labels: { [`${label}/network`]: 'true' }, taints: [] })
  for (const index of [1, 2])
    assert.deepEqual(roleOf(index, 3), { labels: { [`${label}/hypervisor`]: 'true' }, taints: [`${label}/hypervisor=true:NoSchedule`] })
})
