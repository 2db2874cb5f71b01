// The status of an OpenStackCluster, before a real API server: what it is before anybody has looked, and that nothing of the operator's gets lost.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, kind, manager } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { statusOf } from '../../operator/cluster/status.ts'
import { kstatusOf } from '../../operator/cluster/test-kstatus.ts'
import { clusterOf, nodeOf, TestWorld } from '../../operator/cluster/test-world.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { kubernetes } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'

const namespace = 'status'
const { signal } = new AbortController()

describe('the status of a cloud', () => {
  let kube: Kubernetes

  before(async () => {
    kube = await kubernetes({ namespaces: [namespace] })
  })

  after(async () => {
    await kube?.stop()
  })

  test('before the first visit it says that nobody has looked, so that kstatus does not take the cloud for done', async () => {
    const { status } = await kube.client.create(openStackClusters, { apiVersion, kind, metadata: { name: 'new', namespace }, spec: {} }, signal)
    const read = (await kube.client.get(openStackClusters, namespace, 'new', signal)) as unknown as OpenStackCluster
    assert.deepEqual(read.status, { observedGeneration: -1 }, `created with ${JSON.stringify(status)}`)
    assert.equal(kstatusOf(read), 'InProgress')
  })

  test('all that the operator writes is kept, with a condition for each part, and shown', async () => {
    await kube.client.create(openStackClusters, { apiVersion, kind, metadata: { name: 'written', namespace }, spec: {} }, signal)
    const world = new TestWorld(clusterOf({ timeSync: { mode: 'Monitor', servers: ['ntp.example.com'] } }))
    const conditions = [{ type: 'Ready', status: 'Unknown', message: 'silent', lastTransitionTime: '2026-01-01T10:00:00Z' }]
    world.nodes = [nodeOf('node-1'), { ...nodeOf('node-2'), status: { conditions } }]
    const data = { compute: [{ host: 'node-1', up: true, registered: true, mapped: true, servers: 3 }], time: [{ node: 'node-1', state: 'NoAnswer' as const }] }
    const scope = { ...world.scope(), outside: () => ({ ready: true, message: '', data }) }
    const status = { ...statusOf(world.cluster, scope, world.plan(), new Date('2026-01-01T12:00:00Z')), operator: 'teruwa/operator:1' }
    const body = { apiVersion, kind, metadata: { name: 'written', namespace }, status }
    const written = await kube.client.apply(openStackClusters, body, { fieldManager: manager, force: true, subresource: 'status' }, signal)
    assert.deepEqual(written.status, JSON.parse(JSON.stringify(status)), 'no field is unknown to the CRD')
    const described = await kube.kubectl.run(['describe', 'osc', 'written', '--namespace', namespace])
    for (const word of ['KeystoneReady', 'DatabaseReady', 'HypervisorsReady', 'BootstrapReady', 'Silent Nodes:\\s+1', 'Wrong Clocks:\\s+1', 'Servers:\\s+3'])
      assert.match(described, new RegExp(word))
  })
})
