import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadAll } from 'js-yaml'
import { clusterOf, TestWorld } from './test-world.ts'

test('a step makes nothing before its needs are ready', async () => {
  const documents = loadAll(await readFile(join(import.meta.dirname, '..', '..', 'manifests', 'cluster.yaml'), 'utf8')) as {
    kind: string
    spec: Record<string, unknown>
  }[]
  const sample = documents.find(({ kind }) => kind === 'OpenStackCluster')?.spec
  const world = new TestWorld(clusterOf(sample))
  const first = world.plan()
  for (const { id, waitsFor, changes, call } of first) {
    if (waitsFor.length === 0) continue
    assert.deepEqual(changes, [], `${id} waits and must write nothing`)
    assert.equal(call, undefined, `${id} waits and must ask nothing`)
  }
  const started = first.filter(({ waitsFor }) => waitsFor.length === 0).map(({ id }) => id)
  assert.deepEqual(started.toSorted(), [
    'compute/libvirt',
    'compute/nodes',
    'etcd',
    'glance/config',
    'horizon/config',
    'keystone/config',
    'mariadb',
    'memcached',
    'neutron/config',
    'nova/config',
    'placement/config',
    'rabbitmq',
  ])
})
