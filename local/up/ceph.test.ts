import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStackCluster } from '../../operator/api/v1alpha1/schema.ts'
import { cephKey, withCeph } from './ceph.ts'
import { readManifest } from './manifest.ts'

void test('a key is 28 bytes: kind, time, length and 16 at random', () => {
  const key = Buffer.from(cephKey(1_700_000_000_999), 'base64')
  assert.deepEqual([key.length, key.readUInt16LE(0), key.readUInt32LE(2), key.readUInt32LE(6), key.readUInt16LE(10)], [28, 1, 1_700_000_000, 0, 16])
  assert.notEqual(cephKey(0), cephKey(0))
})

void test('with Ceph, the sample has volumes and images there, and is else as it was', async () => {
  const before = await readManifest(join(import.meta.dirname, '../../manifests/cluster.yaml'))
  const [, cloud] = withCeph(before)
  const { services } = openStackCluster.parse({ spec: cloud?.spec }).spec
  assert.deepEqual([services.cinder.enabled, services.cinder.backends[0]?.rbd?.pool, services.glance.rbd?.pool], [true, 'volumes', 'images'])
  assert.equal(services.neutron.physicalNetworks[0]?.interface, 'eth1')
})
