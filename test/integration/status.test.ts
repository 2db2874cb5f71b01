// The status of an OpenStackCluster, before a real API server: what it is before anybody has looked, and that nothing of the operator's gets lost.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureGoModule } from '../../local/build.ts'
import { run } from '../../local/command.ts'
import { apiVersion, kind, manager } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { statusOf } from '../../operator/cluster/status.ts'
import { kstatusOf } from '../../operator/cluster/test-kstatus.ts'
import { clusterOf, nodeOf, TestWorld } from '../../operator/cluster/test-world.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { connect } from '../../operator/kube/rest-client.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer } from './api-server.ts'
import { serveResources } from './crd.ts'

const namespace = 'status'
const { signal } = new AbortController()

describe('the status of a cloud', () => {
  let server: ApiServer
  let client: KubeClient
  let kubectl: string

  const ask = (...args: readonly string[]) => run(kubectl, ['--kubeconfig', server.kubeconfigPath, ...args])

  before(async () => {
    kubectl = join(await ensureGoModule('kubernetes'), 'kubectl')
    server = await apiServer()
    client = await connect({ kubeconfig: server.kubeconfigPath })
    await serveResources(server)
    await ask('create', 'namespace', namespace)
  })

  after(async () => {
    await client?.close()
    await server?.stop()
  })

  test('before the first visit it says that nobody has looked, so that kstatus does not take the cloud for done', async () => {
    const { status } = await client.create(openStackClusters, { apiVersion, kind, metadata: { name: 'new', namespace }, spec: {} }, signal)
    const read = (await client.get(openStackClusters, namespace, 'new', signal)) as unknown as OpenStackCluster
    assert.deepEqual(read.status, { observedGeneration: -1 }, `created with ${JSON.stringify(status)}`)
    assert.equal(kstatusOf(read), 'InProgress')
  })

  test('all that the operator writes is kept, with a condition for each part, and shown', async () => {
    await client.create(openStackClusters, { apiVersion, kind, metadata: { name: 'written', namespace }, spec: {} }, signal)
    const world = new TestWorld(clusterOf({ timeSync: { mode: 'Monitor', servers: ['ntp.example.com'] } }))
    const conditions = [{ type: 'Ready', status: 'Unknown', message: 'silent', lastTransitionTime: '2026-01-01T10:00:00Z' }]
    world.nodes = [nodeOf('node-1'), { ...nodeOf('node-2'), status: { conditions } }]
    const data = { compute: [{ host: 'node-1', up: true, registered: true, mapped: true, servers: 3 }], time: [{ node: 'node-1', state: 'NoAnswer' as const }] }
    const scope = { ...world.scope(), outside: () => ({ ready: true, message: '', data }) }
    const status = { ...statusOf(world.cluster, scope, world.plan(), new Date('2026-01-01T12:00:00Z')), operator: 'teruwa/operator:1' }
    const body = { apiVersion, kind, metadata: { name: 'written', namespace }, status }
    const written = await client.apply(openStackClusters, body, { fieldManager: manager, force: true, subresource: 'status' }, signal)
    assert.deepEqual(written.status, JSON.parse(JSON.stringify(status)), 'no field is unknown to the CRD')
    const described = await ask('describe', 'osc', 'written', '--namespace', namespace)
    for (const word of ['KeystoneReady', 'DatabaseReady', 'HypervisorsReady', 'BootstrapReady', 'Silent Nodes:\\s+1', 'Wrong Clocks:\\s+1', 'Servers:\\s+3'])
      assert.match(described, new RegExp(word))
  })
})
