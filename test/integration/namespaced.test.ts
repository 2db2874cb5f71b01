// An operator that looks after one namespace, with the rights that the chart gives it there and none elsewhere, before a real API server.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { connect } from '../../operator/kube/rest-client.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer } from './api-server.ts'
import { accountKubeconfig, applyChart, askOf } from './chart-account.ts'
import type { Ask } from './chart-account.ts'
import { eventually, startOperator } from './operator.ts'
import type { TestOperator } from './operator.ts'

const namespace = 'namespaced'
const elsewhere = 'namespaced-elsewhere'

describe('an operator of one namespace', () => {
  let server: ApiServer
  let ask: Ask
  let folder: string
  let admin: KubeClient
  let operator: TestOperator | undefined

  const cluster = (where: string, name: string) => admin.get(openStackClusters, where, name) as Promise<OpenStackCluster | undefined>
  const readiness = async () => (await cluster(namespace, 'cloud'))?.status?.conditions?.find(({ type }) => type === 'Ready')

  before(async () => {
    server = await apiServer()
    ask = await askOf(server)
    admin = await connect({ kubeconfig: server.kubeconfigPath })
    folder = await mkdtemp(join(tmpdir(), 'teruwa-namespaced-'))
    for (const name of [namespace, elsewhere]) await ask(['create', 'namespace', name])
    await applyChart(ask, namespace, `watchNamespace=${namespace}`, 'clusterRole=false')
    await ask(['wait', '--for=condition=Established', '--timeout=30s', 'crd/openstackclusters.openstack.teruwa.io'])
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'namespaced-node' } }
    const address = { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } }
    await admin.create(ResourceTypes.nodes, node)
    await admin.patch(ResourceTypes.nodes, undefined, node.metadata.name, address, { type: 'merge', subresource: 'status' })
    for (const [where, name] of [
      [namespace, 'cloud'],
      [elsewhere, 'other'],
    ] as const) {
      await admin.create(openStackClusters, { apiVersion, kind, metadata: { name, namespace: where } })
    }
    operator = startOperator({ kubeconfig: await accountKubeconfig(server, ask, namespace, folder), namespace, leaderElection: { namespace, name: 'teruwa' } })
  })

  after(async () => {
    await operator?.stop()
    await admin?.close()
    if (folder) await rm(folder, { recursive: true })
    await server?.stop()
  })

  test('says in the status which right it lacks, and makes nothing', async () => {
    const ready = await eventually('the condition is there', async () => {
      const condition = await readiness()
      return condition?.reason === 'MissingRights' ? condition : undefined
    })
    assert.equal(ready.status, 'False')
    assert.match(ready.message, /may not list and watch nodes: grant it list and watch of them \(nodes belong to no namespace, .*ClusterRoleBinding\)/)
    const { items } = await admin.list(ResourceTypes.secrets, { namespace })
    assert.deepEqual(items, [])
    assert.ok(operator?.lines.some((line) => line.includes('rights are missing') && line.includes('"forbidden":["nodes"]')))
  })

  test('goes on once an administrator has granted it, with what it has in its namespace', async () => {
    await ask(['create', 'clusterrole', 'namespaced-nodes', '--verb=list,watch', '--resource=nodes'])
    await ask(['create', 'clusterrolebinding', 'namespaced-nodes', '--clusterrole=namespaced-nodes', `--serviceaccount=${namespace}:own-teruwa`])
    await eventually('MariaDB is made', async () => await admin.get(ResourceTypes.statefulSets, namespace, 'mariadb'))
    await eventually('the cloud is on its way', async () => ((await readiness())?.reason === 'MissingRights' ? undefined : true))
    const steps = (await cluster(namespace, 'cloud'))?.status?.steps ?? []
    assert.deepEqual(
      steps.filter(({ message = '' }) => message.includes('forbidden')),
      [],
      'it may make all that a cloud consists of',
    )
  })

  test('leaves the clouds of other namespaces alone, and may not even look at them', async () => {
    const { metadata, status } = (await cluster(elsewhere, 'other')) ?? {}
    assert.deepEqual([metadata?.finalizers, status], [undefined, { observedGeneration: -1 }], 'nobody has looked at it')
    const can = (...what: string[]) =>
      ask(['auth', 'can-i', ...what, '--as', `system:serviceaccount:${namespace}:own-teruwa`, '--as-group=system:authenticated']).then(
        () => true,
        () => false,
      )
    assert.equal(await can('create', 'deployments', '--namespace', namespace), true)
    for (const resource of ['openstackclusters', 'secrets', 'pods']) assert.equal(await can('list', resource, '--namespace', elsewhere), false, resource)
  })
})
